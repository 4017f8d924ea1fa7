package io.muster.server.problem;

import java.io.IOException;

/** While a body was read it turned out to be too large, or no text. */
final class BrokenBody extends IOException {

    private static final long serialVersionUID = 1;

    private final Problem problem;

    BrokenBody(Problem problem) {
        super(problem.getMessage());
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
