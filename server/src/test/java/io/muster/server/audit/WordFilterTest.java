package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordFilterTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 43, 650, 2_700, 20_000})
    void what_is_there_is_never_denied(int lexemes) {
        var all = lexemes(0, lexemes);
        var filter = filter(all);
        assertThat(all).allMatch(lexeme -> filter.mayHave(WordFilter.probe(lexeme)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 42, 43, 650, 2_700})
    void of_what_is_not_there_few_seem_to_be(int lexemes) {
        var filter = filter(lexemes(0, lexemes));
        assertThat(lexemes(100_000, 20_000).stream()
                        .filter(lexeme -> filter.mayHave(WordFilter.probe(lexeme)))
                        .count())
                .isLessThan(20_000 / 100);
    }

    @Test
    void it_grows_with_what_is_in_it_up_to_what_a_row_holds() {
        assertThat(filter(List.of()).bits()).hasSize(64);
        assertThat(filter(lexemes(0, 650)).bits()).hasSize(1_024);
        assertThat(filter(lexemes(0, 20_000)).bits()).hasSize(4_096);
    }

    @Test
    void a_resource_has_its_beginnings_and_other_lexemes_have_none() {
        assertThat(Words.beginnings(12, "/users/1234")).containsExactly("12b/use", "12b/users/1");
        assertThat(Words.probes(12, List.of(Words.resource(12, "/users/1234")))).hasSize(3);
        assertThat(new Lexemes.Beginning(12, "/users/12").inFilter()).containsExactly("12b/users/1");
        assertThat(new Lexemes.Beginning(12, "/us").inFilter()).isEmpty();
        assertThat(Words.probes(12, List.of(Words.word(12, "resource"), Words.ip(4))))
                .hasSize(2);
        assertThat(Words.beginnings(12, "x".repeat(400))).hasSize(16);
    }

    @Test
    void of_very_many_alternatives_a_filter_is_not_asked() {
        assertThat(new Lexemes.AnyOf(lexemes(0, 16)).inFilter()).hasSize(16);
        assertThat(new Lexemes.AnyOf(lexemes(0, 17)).inFilter()).isEmpty();
    }

    private static WordFilter filter(List<String> lexemes) {
        var builder = new WordFilter.Builder();
        lexemes.forEach(lexeme -> builder.add(WordFilter.probe(lexeme)));
        return builder.filter();
    }

    private static List<String> lexemes(int from, int n) {
        return IntStream.range(from, from + n).mapToObj(i -> "7w" + i).toList();
    }
}
