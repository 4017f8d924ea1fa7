package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.keys.SecretRef;
import io.muster.server.problem.Refused;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A database, bucket or queue in a region.
 *
 * @param region code of the region
 * @param tenants whose data may be found here
 * @param url where Muster looks itself; without user or password, and with no parameter but {@code sslmode}
 */
public record Store(
        String id,
        String region,
        Role role,
        Kind kind,
        @Nullable String zone,
        TenantSelector tenants,
        @Nullable String url,
        @Nullable SecretRef user,
        @Nullable SecretRef password) {

    /** What a store is for. */
    public enum Role {
        INTAKE,
        PRIMARY,
        REPLICA,
        BACKUP,
        ARCHIVE;

        @JsonValue
        public String word() {
            return Store.word(this);
        }

        @JsonCreator
        public static Role of(String word) {
            return Store.of(values(), word);
        }
    }

    /** What a store is. */
    public enum Kind {
        POSTGRESQL,
        /** MySQL, or MariaDB. */
        MYSQL,
        SQLSERVER,
        S3,
        AZURE_BLOB,
        GCS,
        OTHER;

        @JsonValue
        public String word() {
            return Store.word(this);
        }

        @JsonCreator
        public static Kind of(String word) {
            return Store.of(values(), word);
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> E of(E[] constants, String word) {
        return Arrays.stream(constants)
                .filter(constant -> word(constant).equals(word))
                .findAny()
                .orElseThrow(() -> new Refused(
                        "",
                        "must be one of "
                                + Arrays.stream(constants).map(Store::word).collect(Collectors.joining(", ")) + "; got "
                                + Refused.shown(word)));
    }
}
