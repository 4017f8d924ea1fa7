package io.muster.server.problem;

/** The names of problems that are no more than their status. */
final class GenericProblems {

    static String name(int status) {
        return switch (status) {
            case 401 -> "unauthorized";
            case 403 -> "forbidden";
            case 404 -> "not_found";
            case 405 -> "method_not_allowed";
            case 406 -> "not_acceptable";
            case 409 -> "conflict";
            case 412 -> "precondition_failed";
            case 413 -> "too_large";
            case 414 -> "bad_request";
            case 415 -> "unsupported_media_type";
            case 422 -> "refused";
            case 429 -> "too_many";
            case 503 -> "busy";
            default -> status < 500 ? "bad_request" : "internal";
        };
    }

    private GenericProblems() {}
}
