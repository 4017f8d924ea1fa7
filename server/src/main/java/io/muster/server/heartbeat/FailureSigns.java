package io.muster.server.heartbeat;

import static io.muster.server.heartbeat.FailureCause.Category.AUTHENTICATION;
import static io.muster.server.heartbeat.FailureCause.Category.CERTIFICATE;
import static io.muster.server.heartbeat.FailureCause.Category.CONTENTION;
import static io.muster.server.heartbeat.FailureCause.Category.DATA;
import static io.muster.server.heartbeat.FailureCause.Category.KILLED;
import static io.muster.server.heartbeat.FailureCause.Category.NETWORK;
import static io.muster.server.heartbeat.FailureCause.Category.NOT_FOUND;
import static io.muster.server.heartbeat.FailureCause.Category.PERMISSION;
import static io.muster.server.heartbeat.FailureCause.Category.PROGRAM;
import static io.muster.server.heartbeat.FailureCause.Category.RESOURCES;
import static io.muster.server.heartbeat.FailureCause.Category.TIMEOUT;

import io.muster.server.heartbeat.FailureCause.Category;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The words and codes by which programs say why they failed. Phrases are literal and stand alone; names, addresses and
 * values around them are never part of the evidence.
 */
final class FailureSigns {

    /**
     * @param words what is looked for, in any case
     * @param after whether it may only follow from another failure: then any other sign says more
     */
    private record Sign(Category category, String words, String lower, String hint, boolean after) {

        Sign(Category category, String words, String hint, boolean after) {
            this(category, words, words.toLowerCase(Locale.ROOT), hint, after);
        }
    }

    /** Codes whose meaning depends on who prints them. The group is the code; {@code shown} is put before it. */
    private record Coded(Pattern pattern, String shown, Codes codes) {}

    private interface Codes {
        /** Null: this code says nothing. */
        @Nullable Category of(String code);
    }

    /** In the order in which they count within one line: what is more special comes first. */
    private static final List<Sign> SIGNS = new ArrayList<>();

    static {
        signs(
                CONTENTION,
                "Something else worked on the same rows: let the job try again, and see what runs at that time.",
                "deadlock detected",
                "deadlock found when trying to get lock",
                "could not serialize access",
                "lock wait timeout exceeded",
                "due to lock timeout",
                "could not obtain lock",
                "database is locked",
                "DeadlockLoserDataAccessException");
        signs(
                CERTIFICATE,
                "Renew or trust the certificate, and see that the job calls the name that is in it.",
                "certificate verify failed",
                "CERTIFICATE_VERIFY_FAILED",
                "certificate has expired",
                "certificate is not yet valid",
                "self-signed certificate",
                "self signed certificate",
                "unable to get local issuer certificate",
                "PKIX path building failed",
                "PKIX path validation failed",
                "x509: certificate",
                "SSL certificate problem",
                "no alternative certificate subject name",
                "does not match host name",
                "SSLHandshakeException",
                "SSLCertVerificationError",
                "tlsv1 alert",
                "host key verification failed");
        signs(
                AUTHENTICATION,
                "See whether the job's user and password, key or token are right and still valid.",
                "password authentication failed",
                "peer authentication failed",
                "ident authentication failed",
                "authentication failed",
                "authentication failure",
                "auth failed on module",
                "no password supplied",
                "access denied for user",
                "permission denied (publickey",
                "permission denied (password",
                "too many authentication failures",
                "unable to locate credentials",
                "NoCredentialProviders",
                "NoCredentialsError",
                "InvalidAccessKeyId",
                "SignatureDoesNotMatch",
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "ExpiredToken",
                "ExpiredTokenException",
                "RequestTimeTooSkewed",
                "invalid_client",
                "invalid_grant",
                "invalid credentials",
                "bad credentials",
                "login incorrect",
                "login failed",
                "login denied",
                "401 unauthorized");
        signs(
                AUTHENTICATION,
                "The server does not let this user in from this address: add it to pg_hba.conf.",
                "no pg_hba.conf entry");
        signs(
                RESOURCES,
                "The disk is full or the quota is used up: make room, then let the job run again.",
                "no space left on device",
                "ENOSPC",
                "disk quota exceeded",
                "EDQUOT",
                "disk full",
                "there is not enough space on the disk",
                "no space left");
        signs(
                RESOURCES,
                "It had too little memory: give it more, or let it do less at once.",
                "out of memory",
                "OOMKilled",
                "oom-kill",
                "OutOfMemoryError",
                "cannot allocate memory",
                "ENOMEM",
                "MemoryError",
                "out of shared memory",
                "java heap space");
        signs(
                RESOURCES,
                "The server has no connection or file to spare: see who holds so many.",
                "too many connections",
                "too many clients already",
                "remaining connection slots are reserved",
                "too many open files",
                "EMFILE",
                "resource temporarily unavailable");
        signs(
                RESOURCES,
                "The service grants no more calls for now: let the job call less often.",
                "too many requests",
                "SlowDown",
                "ThrottlingException",
                "rate limit exceeded",
                "rate exceeded",
                "RequestLimitExceeded");
        signs(
                DATA,
                "A row does not fit the table: see which one, in the job's output.",
                "duplicate key value violates unique constraint",
                "violates unique constraint",
                "violates foreign key constraint",
                "violates check constraint",
                "violates not-null constraint",
                "violates exclusion constraint",
                "integrity constraint violation",
                "duplicate entry",
                "data too long for column",
                "value too long for type",
                "invalid input syntax",
                "numeric field overflow",
                "incorrect datetime value",
                "out of range for type",
                "invalid byte sequence for encoding");
        signs(
                DATA,
                "What it read is damaged or not of the form it expects: see where it came from.",
                "checksum mismatch",
                "checksum error",
                "crc error",
                "unexpected end of file",
                "unexpected EOF in archive",
                "not in gzip format",
                "invalid compressed data",
                "JSONDecodeError",
                "UnicodeDecodeError",
                "JsonParseException",
                "MalformedInputException",
                "invalid page in block",
                "bad magic number");
        signs(
                PERMISSION,
                "Give the job's user the right to do this, or let another user do it.",
                "permission denied",
                "PermissionError",
                "EACCES",
                "EPERM",
                "operation not permitted",
                "access denied",
                "AccessDenied",
                "AccessDeniedException",
                "not authorized to perform",
                "UnauthorizedOperation",
                "command denied to user",
                "must be owner of",
                "must be superuser",
                "read-only file system",
                "in a read-only transaction",
                "403 forbidden");
        signs(
                TIMEOUT,
                "It took longer than it may: see what was slow, or give it more time.",
                "due to statement timeout",
                "maximum statement execution time exceeded",
                "context deadline exceeded",
                "DeadlineExceeded",
                "DEADLINE_EXCEEDED",
                "operation timed out",
                "read timed out",
                "SocketTimeoutException",
                "ReadTimeout",
                "RequestTimeout",
                "504 gateway time-out",
                "504 gateway timeout",
                "timeout in data send/receive");
        signs(
                NETWORK,
                "The name of the other side is not known: see whether it is right, and whether DNS answers.",
                "could not resolve host",
                "could not resolve hostname",
                "could not translate host name",
                "name or service not known",
                "temporary failure in name resolution",
                "nodename nor servname provided",
                "no such host",
                "unknown host",
                "unknown mysql server host",
                "UnknownHostException",
                "getaddrinfo failed",
                "EAI_AGAIN",
                "ENOTFOUND",
                "NXDOMAIN",
                "NameResolutionError");
        signs(
                NETWORK,
                "Nothing answers there: see whether the other side runs, and whether a firewall is between.",
                "connection refused",
                "ECONNREFUSED",
                "ConnectionRefusedError",
                "no route to host",
                "network is unreachable",
                "host is unreachable",
                "EHOSTUNREACH",
                "ENETUNREACH",
                "connection timed out",
                "connect timed out",
                "ETIMEDOUT",
                "timeout expired",
                "is the server running locally",
                "could not connect to server",
                "couldn't connect to server",
                "can't connect to mysql server",
                "can't connect to local mysql server",
                "can't connect to server",
                "can't connect to local server",
                "communications link failure",
                "the connection attempt failed",
                "could not connect to the endpoint url",
                "failed to connect to",
                "503 service unavailable",
                "502 bad gateway",
                "the database system is starting up",
                "the database system is shutting down");
        signs(
                NETWORK,
                "The other side went away in the middle: see whether it was restarted, or the line is bad.",
                "connection reset",
                "ECONNRESET",
                "ConnectionResetError",
                "server closed the connection unexpectedly",
                "terminating connection due to administrator command",
                "ssl connection has been closed unexpectedly",
                "lost connection to mysql server",
                "lost connection to server",
                "mysql server has gone away",
                "empty reply from server");
        signs(
                NOT_FOUND,
                "A program, file or object that the job needs is not there: see whether its name is right.",
                "command not found",
                "no such file or directory",
                "ENOENT",
                "FileNotFoundError",
                "FileNotFoundException",
                "NoSuchFileException",
                "NoSuchBucket",
                "NoSuchKey",
                "ResourceNotFoundException",
                "ModuleNotFoundError",
                "ClassNotFoundException",
                "NoClassDefFoundError",
                "cannot find module",
                "unknown database",
                "no such container",
                "no such table",
                "404 not found");
        signs(
                TIMEOUT,
                "It took longer than it may: see what was slow, or give it more time.",
                "TimeoutError",
                "timed out");
        signs(KILLED, "Somebody or something ended it: see who, and whether it ran out of memory.", "signal: killed");
        follows(
                NETWORK,
                "The other side went away in the middle: see whether it was restarted, or the line is bad.",
                "broken pipe",
                "EPIPE",
                "BrokenPipeError",
                "connection unexpectedly closed",
                "connection closed by",
                "unexpected eof",
                "max retries exceeded");
        follows(
                PROGRAM,
                "The job's own code failed: see the last lines of its output.",
                "NullPointerException",
                "IndexOutOfBoundsException",
                "ClassCastException",
                "IllegalArgumentException",
                "IllegalStateException",
                "segmentation fault",
                "core dumped",
                "syntax error",
                "SyntaxError",
                "TypeError",
                "ValueError",
                "KeyError",
                "IndexError",
                "NameError",
                "AttributeError",
                "AssertionError",
                "unbound variable");
    }

    private static void signs(Category category, String hint, String... phrases) {
        for (var phrase : phrases) SIGNS.add(new Sign(category, phrase, hint, false));
    }

    private static void follows(Category category, String hint, String... phrases) {
        for (var phrase : phrases) SIGNS.add(new Sign(category, phrase, hint, true));
    }

    /** What to do about a code, which has no words of its own. */
    private static final Map<Category, String> HINTS = Map.ofEntries(
            Map.entry(NETWORK, "See whether the other side runs, and whether a firewall is between."),
            Map.entry(
                    AUTHENTICATION, "See whether the job's user and password, key or token are right and still valid."),
            Map.entry(PERMISSION, "Give the job's user the right to do this, or let another user do it."),
            Map.entry(
                    CERTIFICATE, "Renew or trust the certificate, and see that the job calls the name that is in it."),
            Map.entry(RESOURCES, "Disk, memory or connections are used up: see which, and make room."),
            Map.entry(DATA, "The data is not as the database wants it: see which row, in the job's output."),
            Map.entry(CONTENTION, "Something else worked on the same rows: let the job try again."),
            Map.entry(TIMEOUT, "It took longer than it may: see what was slow, or give it more time."),
            Map.entry(KILLED, "Somebody or something ended it: see who, and whether it ran out of memory."),
            Map.entry(
                    NOT_FOUND,
                    "A program, file or object that the job needs is not there: see whether its name is right."),
            Map.entry(PROGRAM, "The job's own code failed: see the last lines of its output."));

    /** Each matches in one pass over its line; bounds keep it from looking far. */
    private static final List<Coded> CODED = List.of(
            new Coded(
                    Pattern.compile("(?i)\\bsql ?state\\b[^0-9a-z]{0,4}([0-9a-z]{5})\\b"),
                    "SQLSTATE ",
                    FailureSigns::ofSqlState),
            new Coded(
                    Pattern.compile("\\b(?:ERROR|FATAL|PANIC): {1,4}([0-9A-Z]{5}):"),
                    "SQLSTATE ",
                    FailureSigns::ofSqlState),
            new Coded(Pattern.compile("\\bERROR [0-9]{4} \\(([0-9A-Z]{5})\\)"), "SQLSTATE ", FailureSigns::ofSqlState),
            new Coded(Pattern.compile("\\bcurl: \\(([0-9]{1,2})\\)"), "curl exit code ", FailureSigns::ofCurl),
            new Coded(
                    Pattern.compile("\\brsync error: .{0,100}?\\(code ([0-9]{1,2})\\)"),
                    "rsync exit code ",
                    FailureSigns::ofRsync),
            new Coded(
                    Pattern.compile("(?i)\\b(?:returned error:|status(?: code)?:?|http/[0-9.]{1,3}) ([45][0-9]{2})\\b"),
                    "HTTP ",
                    FailureSigns::ofHttp));

    /** Names in quotes that are not shown. */
    private static final List<Named> NAMED = List.of(
            new Named(
                    Pattern.compile("\\brole \"[^\"]{1,64}\" does not exist"), AUTHENTICATION, "role … does not exist"),
            new Named(
                    Pattern.compile(
                            "\\b(?:database|relation|table|column|function|schema) \"?[^\"]{1,128}\"? does not exist"),
                    NOT_FOUND,
                    "… does not exist"),
            new Named(Pattern.compile("\\bTable '[^']{1,128}' doesn't exist"), NOT_FOUND, "Table … doesn't exist"),
            new Named(Pattern.compile("\\bConnection to \\S{1,200} refused"), NETWORK, "Connection … refused"),
            new Named(Pattern.compile("^(?:.{0,80}[ :])?Killed$"), KILLED, "Killed"));

    private record Named(Pattern pattern, Category category, String shown) {}

    /** The last line with a sign; signs that may only follow from another failure count if there is no other. */
    static Optional<FailureCause> in(String text) {
        var lines = text.lines().toList();
        for (var onlyFollowing : List.of(false, true)) {
            for (int i = lines.size() - 1; i >= 0; i--) {
                var found = inLine(lines.get(i), onlyFollowing);
                if (found.isPresent()) return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<FailureCause> inLine(String line, boolean onlyFollowing) {
        var lower = line.toLowerCase(Locale.ROOT);
        for (var sign : SIGNS) {
            if (sign.after() != onlyFollowing) continue;
            if (stands(sign.lower(), lower)) {
                return Optional.of(new FailureCause(sign.category(), sign.words(), sign.hint()));
            }
        }
        return onlyFollowing ? Optional.empty() : named(line).or(() -> coded(line));
    }

    private static Optional<FailureCause> named(String line) {
        return NAMED.stream()
                .filter(named -> named.pattern().matcher(line).find())
                .findFirst()
                .map(named -> cause(named.category(), named.shown()));
    }

    private static Optional<FailureCause> coded(String line) {
        for (var coded : CODED) {
            for (Matcher found = coded.pattern().matcher(line); found.find(); ) {
                var category = coded.codes().of(found.group(1).toUpperCase(Locale.ROOT));
                if (category != null) return Optional.of(cause(category, coded.shown() + found.group(1)));
            }
        }
        return Optional.empty();
    }

    /** Whether the phrase stands in the line as words of its own. */
    private static boolean stands(String phrase, String line) {
        for (int at = line.indexOf(phrase); at >= 0; at = line.indexOf(phrase, at + 1)) {
            int end = at + phrase.length();
            boolean begins = at == 0 || !isOfWord(line.charAt(at - 1)) || !isOfWord(phrase.charAt(0));
            boolean ends = end == line.length()
                    || !isOfWord(line.charAt(end))
                    || !isOfWord(phrase.charAt(phrase.length() - 1));
            if (begins && ends) return true;
        }
        return false;
    }

    private static boolean isOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    /** An exit code that says which signal ended the job: 128 and its number. */
    static Optional<FailureCause> bySignal(int exit) {
        return switch (exit) {
            case 129, 130, 131, 141, 143 -> Optional.of(exit(KILLED, exit));
            case 137 ->
                Optional.of(new FailureCause(
                        KILLED,
                        "exit code 137",
                        "It was killed (SIGKILL), as the kernel or a container does when memory is used up:"
                                + " see how much it took."));
            case 132, 134, 135, 136, 139 -> Optional.of(exit(PROGRAM, exit));
            default -> Optional.empty();
        };
    }

    /** Codes that shells and timeout(1) use; what others mean depends on the program. */
    static Optional<FailureCause> byExit(int exit) {
        return switch (exit) {
            case 124 -> Optional.of(exit(TIMEOUT, exit));
            case 126 -> Optional.of(exit(PERMISSION, exit));
            case 127 -> Optional.of(exit(NOT_FOUND, exit));
            default -> Optional.empty();
        };
    }

    private static FailureCause exit(Category category, int exit) {
        return cause(category, "exit code " + exit);
    }

    private static FailureCause cause(Category category, String evidence) {
        var hint = HINTS.get(category);
        if (hint == null) throw new IllegalStateException("no hint for " + category);
        return new FailureCause(category, evidence, hint);
    }

    /** @see <a href="https://www.postgresql.org/docs/18/errcodes-appendix.html">PostgreSQL error codes</a> */
    private static @Nullable Category ofSqlState(String code) {
        return switch (code) {
            case "42501", "25006" -> PERMISSION;
            case "42P01", "42703", "42883", "3D000", "3F000", "42S02" -> NOT_FOUND;
            case "57014", "25P03", "25P04" -> TIMEOUT;
            case "57P01", "57P02", "57P03" -> NETWORK;
            case "55P03" -> CONTENTION;
            case "58030" -> RESOURCES;
            case "XX001", "XX002" -> DATA;
            default ->
                switch (code.substring(0, 2)) {
                    case "08" -> NETWORK;
                    case "28" -> AUTHENTICATION;
                    case "22", "23", "21" -> DATA;
                    case "40" -> CONTENTION;
                    case "53" -> RESOURCES;
                    default -> null;
                };
        };
    }

    /** @see <a href="https://curl.se/libcurl/c/libcurl-errors.html">curl's error codes</a> */
    private static @Nullable Category ofCurl(String code) {
        return switch (Integer.parseInt(code)) {
            case 5, 6, 7, 52, 55, 56 -> NETWORK;
            case 28 -> TIMEOUT;
            case 35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91 -> CERTIFICATE;
            case 67 -> AUTHENTICATION;
            case 9 -> PERMISSION;
            case 23, 27, 70 -> RESOURCES;
            case 18 -> DATA;
            case 37, 78 -> NOT_FOUND;
            default -> null;
        };
    }

    /** @see <a href="https://download.samba.org/pub/rsync/rsync.1#EXIT_VALUES">rsync(1), exit values</a> */
    private static @Nullable Category ofRsync(String code) {
        return switch (Integer.parseInt(code)) {
            case 10 -> NETWORK;
            case 19, 20 -> KILLED;
            case 22 -> RESOURCES;
            case 30, 35 -> TIMEOUT;
            default -> null;
        };
    }

    private static @Nullable Category ofHttp(String code) {
        return switch (code) {
            case "401", "407" -> AUTHENTICATION;
            case "403" -> PERMISSION;
            case "404", "410" -> NOT_FOUND;
            case "408", "504" -> TIMEOUT;
            case "429", "507" -> RESOURCES;
            case "502", "503" -> NETWORK;
            default -> null;
        };
    }

    private FailureSigns() {}
}
