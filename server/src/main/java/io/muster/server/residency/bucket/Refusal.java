package io.muster.server.residency.bucket;

import io.muster.server.residency.bucket.StoreHttp.Answer;
import java.io.IOException;

/** What an answer that is no success says, in one line: never the headers or what was signed, which some repeat. */
final class Refusal {

    private static final int LONGEST = 200;

    static IOException of(String what, Answer answer) {
        var header = answer.header("x-ms-error-code");
        var code = line(header.isEmpty() ? told(answer, "Code") : header);
        var message = line(told(answer, "Message"));
        return new IOException("the " + what + " answers " + answer.status() + (code.isEmpty() ? "" : " " + code)
                + (message.isEmpty() ? "" : ": " + message));
    }

    /** A text of the answer's XML; empty where it has none, as a proxy's page. */
    static String told(Answer answer, String element) {
        if (answer.body().length == 0) return "";
        try {
            return XmlAnswer.read(answer.body(), "").text(element);
        } catch (IOException noXml) {
            return "";
        }
    }

    private static String line(String text) {
        var line = text.strip().lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
        return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
    }

    private Refusal() {}
}
