package io.muster.server.problem;

import org.springframework.http.HttpStatus;

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

    static String detail(int status) {
        return switch (status) {
            case 400, 414 -> "The request is not what HTTP allows: look at its address and headers.";
            case 401 -> "This needs a credential.";
            case 403 -> "This is not allowed.";
            case 404 -> "There is nothing at this address.";
            case 405 -> "This address does not take that method.";
            case 413 -> "The body is too large.";
            case 503 -> "Muster cannot answer now: try again.";
            default -> status < 500 ? "The request was refused." : "This is a fault of Muster; its log has the reason.";
        };
    }

    static String title(int status) {
        var known = HttpStatus.resolve(status);
        return known == null ? "Error" : known.getReasonPhrase();
    }

    private GenericProblems() {}
}
