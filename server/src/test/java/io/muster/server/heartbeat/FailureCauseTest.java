package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailureCauseTest {

    /** What real programs print; {@code |} between exit code, category, evidence and output, {@code ~} ends a line. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
                2   | network        | connection refused                  | psql: error: connection to server at "db.internal" (10.0.0.5), port 5432 failed: Connection refused~	Is the server running on that host and accepting TCP/IP connections?
                2   | network        | is the server running locally       | psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory~	Is the server running locally and accepting connections on that socket?
                2   | authentication | password authentication failed      | psql: error: connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  password authentication failed for user "copy"
                2   | authentication | no pg_hba.conf entry                | psql: error: connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "copy", database "crm", no encryption
                2   | authentication | role … does not exist               | psql: error: connection to server at "db", port 5432 failed: FATAL:  role "copy" does not exist
                2   | not_found      | … does not exist                    | psql: error: connection to server at "db", port 5432 failed: FATAL:  database "crm" does not exist
                2   | network        | could not translate host name       | psql: error: could not translate host name "db.internal" to address: Name or service not known
                2   | network        | timeout expired                     | psql: error: connection to server at "10.9.9.9", port 5432 failed: timeout expired
                2   | certificate    | does not match host name            | psql: error: connection to server at "db", port 5432 failed: server certificate for "other" does not match host name "db"
                2   | resources      | too many clients already            | psql: error: connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already
                3   | data           | duplicate key value violates unique constraint | psql:load.sql:3: ERROR:  duplicate key value violates unique constraint "users_pkey"~DETAIL:  Key (email)=(a@b.example) already exists.
                3   | contention     | deadlock detected                   | ERROR:  deadlock detected~DETAIL:  Process 4711 waits for ShareLock on transaction 992; blocked by process 4712.
                3   | contention     | SQLSTATE 40P01                      | ERROR:  40P01: Verklemmung entdeckt
                3   | contention     | could not serialize access          | ERROR:  could not serialize access due to concurrent update
                3   | timeout        | due to statement timeout            | ERROR:  canceling statement due to statement timeout
                3   | contention     | due to lock timeout                 | ERROR:  canceling statement due to lock timeout
                3   | network        | server closed the connection unexpectedly | server closed the connection unexpectedly~	This probably means the server terminated abnormally~	before or while processing the request.
                1   | permission     | permission denied                   | pg_dump: error: query failed: ERROR:  permission denied for table users~pg_dump: detail: Query was: LOCK TABLE public.users IN ACCESS SHARE MODE
                1   | resources      | no space left on device             | pg_dump: error: could not write to output file: No space left on device
                1   | not_found      | … does not exist                    | ERROR:  relation "users" does not exist~LINE 1: select * from users
                1   | authentication | SQLSTATE 28P01                      | org.postgresql.util.PSQLException: FATAL: Passwort-Authentifizierung fehlgeschlagen~Caused by: SQLException SQLState: 28P01
                1   | network        | Connection … refused                | org.postgresql.util.PSQLException: Connection to localhost:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.
                1   | network        | communications link failure         | com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure
                1   | network        | UnknownHostException                | Exception in thread "main" java.net.UnknownHostException: db.internal
                1   | resources      | OutOfMemoryError                    | Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
                1   | certificate    | PKIX path building failed           | javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path
                1   | timeout        | read timed out                      | java.net.SocketException: Read timed out
                1   | program        | NullPointerException                | Exception in thread "main" java.lang.NullPointerException: Cannot invoke "String.length()"~	at Copy.main(Copy.java:7)
                1   | contention     | could not serialize access          | org.springframework.dao.CannotSerializeTransactionException: ERROR: could not serialize access due to read/write dependencies among transactions
                2   | authentication | access denied for user              | mysqldump: Got error: 1045: "Access denied for user 'copy'@'10.0.0.9' (using password: YES)" when trying to connect
                2   | network        | can't connect to local mysql server | mysqldump: Got error: 2002: "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)" when trying to connect
                2   | permission     | access denied                       | mysqldump: Error: 'Access denied; you need (at least one of) the PROCESS privilege(s) for this operation' when trying to dump tablespaces
                5   | resources      | no space left on device             | mysqldump: Got errno 28 on write~mysqldump: Error writing file '/backup/x.sql' (Errcode: 28 "No space left on device")
                1   | not_found      | unknown database                    | ERROR 1049 (42000): Unknown database 'crm'
                1   | data           | SQLSTATE 23000                      | ERROR 1062 (23000) at line 7: Doppelter Eintrag
                1   | contention     | deadlock found when trying to get lock | ERROR 1213 (40001) at line 1: Deadlock found when trying to get lock; try restarting transaction
                6   | network        | could not resolve host              | curl: (6) Could not resolve host: db.internal
                7   | network        | couldn't connect to server          | curl: (7) Failed to connect to 10.0.0.5 port 443 after 2 ms: Couldn't connect to server
                28  | timeout        | operation timed out                 | curl: (28) Operation timed out after 30001 milliseconds with 0 bytes received
                60  | certificate    | SSL certificate problem             | curl: (60) SSL certificate problem: certificate issuer is unknown
                35  | certificate    | curl exit code 35                   | curl: (35) schannel: next InitializeSecurityContext failed
                67  | authentication | curl exit code 67                   | curl: (67) Zugang verweigert
                22  | permission     | HTTP 403                            | curl: (22) The requested URL returned error: 403
                22  | network        | HTTP 503                            | curl: (22) The requested URL returned error: 503
                22  | authentication | HTTP 401                            | curl: (22) The requested URL returned error: 401
                22  | resources      | HTTP 429                            | curl: (22) The requested URL returned error: 429
                255 | authentication | permission denied (publickey        | backup@host: Permission denied (publickey,password).~rsync: connection unexpectedly closed (0 bytes received so far) [sender]~rsync error: unexplained error (code 255) at io.c(231) [sender=3.2.7]
                255 | network        | connection refused                  | ssh: connect to host backup port 22: Connection refused~rsync: connection unexpectedly closed (0 bytes received so far) [sender]~rsync error: unexplained error (code 255) at io.c(231)
                12  | network        | connection unexpectedly closed      | rsync: connection unexpectedly closed (0 bytes received so far) [sender]~rsync error: error in rsync protocol data stream (code 12) at io.c(231)
                11  | resources      | no space left on device             | rsync: [receiver] write failed on "/backup/a": No space left on device (28)~rsync error: error in file IO (code 11) at receiver.c(380)
                30  | timeout        | rsync exit code 30                  | rsync error: (code 30) at io.c(200) [sender=3.2.7]
                23  | permission     | permission denied                   | rsync: [sender] opendir "/root" failed: Permission denied (13)~rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338)
                5   | authentication | auth failed on module               | @ERROR: auth failed on module backup~rsync error: error starting client-server protocol (code 5) at main.c(1863)
                1   | permission     | AccessDenied                        | upload failed: ./a to s3://b/a An error occurred (AccessDenied) when calling the PutObject operation
                1   | authentication | ExpiredToken                        | An error occurred (ExpiredToken) when calling the ListObjectsV2 operation: The provided token has expired.
                255 | authentication | unable to locate credentials        | fatal error: Unable to locate credentials
                254 | not_found      | NoSuchBucket                        | An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist
                1   | resources      | SlowDown                            | An error occurred (SlowDown) when calling the PutObject operation (reached max retries: 4): Please reduce your request rate.
                255 | network        | could not connect to the endpoint url | Could not connect to the endpoint URL: "https://b.s3.eu-west-9.amazonaws.com/"
                1   | network        | ConnectionRefusedError              | Traceback (most recent call last):~  File "copy.py", line 3, in <module>~    s.connect(a)~ConnectionRefusedError: [Errno 111] Verbindungsaufbau abgelehnt
                1   | resources      | no space left on device             | OSError: [Errno 28] No space left on device: '/backup/a'
                1   | data           | JSONDecodeError                     | json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
                1   | data           | duplicate key value violates unique constraint | psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "users_pkey"
                1   | not_found      | ModuleNotFoundError                 | ModuleNotFoundError: No module named 'psycopg2'
                1   | program        | KeyError                            | Traceback (most recent call last):~  File "copy.py", line 3, in <module>~KeyError: 'tenant_id'
                1   | certificate    | certificate verify failed           | requests.exceptions.SSLError: HTTPSConnectionPool(host='x', port=443): Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate')))
                1   | network        | temporary failure in name resolution | socket.gaierror: [Errno -3] Temporary failure in name resolution
                1   | network        | ECONNREFUSED                        | Error: connect ECONNREFUSED 127.0.0.1:5432~    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
                1   | certificate    | x509: certificate                   | Get "https://x": tls: failed to verify certificate: x509: certificate signed by unknown authority
                1   | timeout        | context deadline exceeded           | rpc error: context deadline exceeded
                1   | data           | unexpected end of file              | gzip: stdin: unexpected end of file~tar: Child returned status 1
                1   | permission     | read-only file system               | cp: cannot create regular file '/mnt/a': Read-only file system
                137 | killed         | exit code 137                       | copied 40000 rows
                137 | killed         | exit code 137                       | connection refused, trying again
                137 | resources      | out of memory                       | Out of memory: Killed process 4711 (java)
                137 | killed         | exit code 137                       | -
                143 | killed         | exit code 143                       | -
                139 | program        | exit code 139                       | Segmentation fault (core dumped)
                127 | not_found      | command not found                   | /bin/sh: line 1: pg_dmup: command not found
                127 | not_found      | exit code 127                       | -
                126 | permission     | permission denied                   | ./job.sh: Permission denied
                126 | permission     | exit code 126                       | -
                124 | timeout        | exit code 124                       | copied 40000 rows
                1   | killed         | Killed                              | copying~./job.sh: line 3:  4711 Killed
                """)
    void cause_is_found_with_its_evidence(Integer exit, String category, String evidence, String output) {
        var cause = of(exit, output == null ? "" : output);
        assertThat(cause.category().word()).as(output).isEqualTo(category);
        assertThat(cause.evidence()).isEqualTo(evidence);
        assertThat(cause.hint()).endsWith(".").hasSizeBetween(20, 200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "something went wrong",
                "42 rows copied",
                "see the enoentry of disconnection refusedness", // parts of words are no sign
                "SQLSTATE 00000",
                "SQLSTATE[HY000]: general error",
                "The requested URL returned error: 500",
                "HTTP/1.1 200 OK",
                "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338)",
                "curl: (99) what is this",
                "\u0000\u0001\u0002",
                "ERROR:  12345678: no state",
            })
    void what_is_not_found_is_not_guessed(String output) {
        for (var exit : new Integer[] {null, 1, 2, 100, 255}) {
            var cause = of(exit, output);
            assertThat(cause).isEqualTo(FailureCause.UNKNOWN);
            assertThat(cause.evidence()).isNull();
            assertThat(cause.inWords()).isEmpty();
        }
    }

    @Test
    void last_word_counts_and_what_only_follows_from_another_failure_does_not() {
        assertThat(of(1, "Connection refused, trying again\nconnected\nNo space left on device")
                        .evidence())
                .isEqualTo("no space left on device");
        assertThat(of(1, "No space left on device\nBroken pipe").evidence()).isEqualTo("no space left on device");
        assertThat(of(1, "Broken pipe").category()).isEqualTo(FailureCause.Category.NETWORK);
        assertThat(of(1, "TypeError: x\nBroken pipe").evidence()).isEqualTo("broken pipe");
    }

    @Test
    void only_the_end_of_a_long_output_is_read() {
        var long_ago = "connection refused\n" + "copied a row\n".repeat(1_000);
        assertThat(of(1, long_ago)).isEqualTo(FailureCause.UNKNOWN);
        assertThat(of(1, long_ago + "disk full").category()).isEqualTo(FailureCause.Category.RESOURCES);
    }

    @Test
    void nothing_of_the_output_but_known_words_gets_out() {
        var secret = "hunter2";
        for (var line : new String[] {
            "FATAL:  password authentication failed for user \"%s\" postgresql://copy:%s@db/crm",
            "ERROR: relation \"%s\" does not exist",
            "FATAL: role \"%s\" does not exist",
            "FATAL: database \"%s\" does not exist %s",
            "Table '%s' doesn't exist",
            "Connection to user:%s@localhost:5432 refused",
            "curl: (6) Could not resolve host: %s",
            "password=%s Killed",
        }) {
            var cause = of(1, line.formatted(secret, secret));
            assertThat(cause.evidence()).as(line).isNotNull().doesNotContain(secret);
            assertThat(cause.hint()).doesNotContain(secret);
        }
    }

    @Test
    void any_bytes_are_read_and_evidence_stays_short() {
        var random = new Random(7);
        for (int i = 0; i < 200; i++) {
            var bytes = new byte[random.nextInt(20_000)];
            random.nextBytes(bytes);
            assertThat(FailureCause.of(null, bytes).hint()).isNotEmpty();
        }
        var hostile = "database \"".repeat(1_000) + "rsync error: ".repeat(500) + "Connection to ".repeat(500);
        assertThat(of(1, hostile)).isEqualTo(FailureCause.UNKNOWN);
    }

    private static FailureCause of(Integer exit, String output) {
        return FailureCause.of(exit, output.replace('~', '\n').getBytes(StandardCharsets.UTF_8));
    }
}
