package io.muster.server.tenancy;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** All nouns, of this module and of those above, in the order in which they are declared. */
@Component
class Nouns {

    private final List<Noun<?>> all;

    Nouns(List<Noun<?>> nouns) {
        this.all = nouns.stream().sorted(Comparator.comparingInt(Noun::order)).toList();
    }

    List<Noun<?>> all() {
        return all;
    }

    Optional<Noun<?>> ofKind(String kind) {
        return all.stream().filter(noun -> noun.kind().equals(kind)).findAny();
    }

    Optional<Noun<?>> ofPlural(String plural) {
        return all.stream().filter(noun -> noun.plural().equals(plural)).findAny();
    }
}
