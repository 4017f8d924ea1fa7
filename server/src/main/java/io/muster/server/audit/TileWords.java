package io.muster.server.audit;

import io.muster.merklelog.TilePath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The table {@code audit_words}: which lexemes the 256 events of each full tile may have. It is some 1,000 bytes a tile, so all of a log
 * are looked through in little time, and only the tiles that remain are read. Written with the tiles; the events behind the last one are
 * read by whoever searches.
 */
@Repository
@Transactional(readOnly = true)
class TileWords {

    private final JdbcClient db;

    TileWords(JdbcClient db) {
        this.db = db;
    }

    /** The next tile that has none; all before it have. */
    public long unwritten(int log) {
        return db.sql("select coalesce(max(n) + 1, 0) from audit_words where log_id = :log")
                .param("log", log)
                .query(Long.class)
                .single();
    }

    /** Of a full tile of leaves. Again: nothing. */
    @Transactional
    public void write(int log, long n) {
        EventRows.reads(db, log);
        var lexemes = new HashSet<String>();
        db.sql("""
                select distinct lexeme
                  from audit_event
                 cross join lateral unnest(tsvector_to_array(words)) as lexeme
                 where log_id = :log and idx >= :from and idx < :below
                """)
                .param("log", log)
                .param("from", n * TilePath.FULL)
                .param("below", (n + 1) * TilePath.FULL)
                .query(row -> {
                    lexemes.add(row.getString(1));
                });
        var filter = new WordFilter.Builder();
        filter.add(Words.probes(log, lexemes));
        db.sql("insert into audit_words (log_id, n, bits) values (:log, :n, :bits) on conflict do nothing")
                .param("log", log)
                .param("n", n)
                .param("bits", filter.filter().bits())
                .update();
    }

    /** Of the tiles {@code from} until {@code below} those that may hold what has these words, newest first; {@code most} at most. */
    public List<Long> candidates(int log, List<Lexemes> words, long from, long below, int most) {
        var alternatives = words.stream()
                .map(Lexemes::inFilter)
                .filter(any -> !any.isEmpty())
                .toList();
        var probes = new ArrayList<Long>();
        var may = new StringBuilder();
        for (var any : alternatives) {
            may.append(any.stream()
                    .map(lexeme -> {
                        probes.add(WordFilter.probe(lexeme));
                        return mayHave(probes.size() - 1);
                    })
                    .collect(Collectors.joining(" or ", " and (", ")")));
        }
        var statement = db.sql("select n from audit_words where log_id = :log and n >= :from and n < :below" + may
                        + " order by n desc limit :most")
                .param("log", log)
                .param("from", from)
                .param("below", below)
                .param("most", most);
        for (int i = 0; i < probes.size(); i++) {
            statement = statement
                    .param("first" + i, WordFilter.first(probes.get(i)))
                    .param("step" + i, WordFilter.step(probes.get(i)));
        }
        return statement.query((row, _) -> row.getLong(1)).list();
    }

    private static String mayHave(int probe) {
        var bits = new ArrayList<String>();
        for (int i = 0; i < WordFilter.HASHES; i++) {
            bits.add("get_bit(bits, (:first%d + %d * :step%d) %% (8 * length(bits))) = 1".formatted(probe, i, probe));
        }
        return bits.stream().collect(Collectors.joining(" and ", "(", ")"));
    }
}
