package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import java.io.IOException;
import java.io.Writer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All that is declared as one document, which {@code apply} takes back: to keep it in Git, or to begin there. */
@Component
class DeclaredYaml {

    private static final String HEAD = """
            # What is declared on this server. Applied here, it changes nothing: ./muster apply -f FILE
            # Secrets are *** and stay what they are; elsewhere, write them anew. A job's ping URL is not told here.
            muster: v1
            """;

    private final Nouns nouns;
    private final DeclareForms forms;

    DeclaredYaml(Nouns nouns, DeclareForms forms) {
        this.nouns = nouns;
        this.forms = forms;
    }

    /** In batches: each is read when the one before it is written, so that no connection waits for who reads. */
    void write(Writer out, Caller by) throws IOException {
        out.write(HEAD);
        for (var noun : nouns.all()) write(noun, out, by);
    }

    private <T> void write(Noun<T> noun, Writer out, Caller by) throws IOException {
        var begun = false;
        @Nullable String after = null;
        while (true) {
            var batch = noun.page(after, Noun.BATCH, by);
            if (batch.isEmpty()) return;
            var undeclared = noun.undeclared(batch, by);
            for (var one : batch) {
                if (undeclared.contains(one.id())) continue;
                if (!begun) out.write(noun.plural() + ":\n");
                begun = true;
                out.write(YamlText.entry(forms.entry(noun, one, by)));
            }
            after = batch.getLast().id();
        }
    }
}
