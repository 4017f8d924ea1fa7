package io.muster.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "sign-in-link",
        description = "Makes a link that signs one person in, once, within 24 hours. Needs the admin's key.",
        mixinStandardHelpOptions = true)
class SignInLink implements Callable<Integer> {
    @Mixin
    Server server;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        var answer = server.call("POST", "/api/v1/sign-in-links", null);
        if (!(answer.json() instanceof Map<?, ?> link)) {
            throw new IOException("the server's answer is not one of Muster: is --server right?");
        }
        spec.commandLine().getOut().println("Sign in: " + link.get("url"));
        return 0;
    }
}
