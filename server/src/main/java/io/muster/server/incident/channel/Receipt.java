package io.muster.server.incident.channel;

import java.time.Duration;
import java.util.Optional;

/** What became of one try to send; {@code answer} is a line for people, at most {@link #LONGEST} characters. */
public sealed interface Receipt {

    int LONGEST = 300;

    String answer();

    /** Whoever listens there has it now. */
    record Accepted(String answer) implements Receipt {
        public Accepted {
            answer = cut(answer);
        }
    }

    /** Not now; perhaps later, but not before {@code retryAfter}. */
    record Failed(String answer, Optional<Duration> retryAfter) implements Receipt {
        public Failed {
            answer = cut(answer);
        }

        public Failed(String answer) {
            this(answer, Optional.empty());
        }
    }

    /** This message never. */
    record Refused(String answer) implements Receipt {
        public Refused {
            answer = cut(answer);
        }
    }

    /** Nothing any more: the address is gone. */
    record Gone(String answer) implements Receipt {
        public Gone {
            answer = cut(answer);
        }
    }

    private static String cut(String text) {
        var line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        if (line.length() <= LONGEST) return line;
        var end = LONGEST - 1;
        return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
