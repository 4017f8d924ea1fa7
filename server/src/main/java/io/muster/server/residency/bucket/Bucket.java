package io.muster.server.residency.bucket;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bucket for the time of one look. All its requests together end with the look's time limit. */
public interface Bucket extends AutoCloseable {

    /** One object. */
    record Entry(String key, Instant modified, long bytes) {}

    /** Takes objects as they are listed; may end the listing by an exception. */
    interface Visitor {
        void visit(Entry entry) throws IOException;
    }

    /** Where the bucket says it is. */
    sealed interface Said {

        /** @param sure a provider says so who names each region; else the operator of the server chose the name */
        record Named(String region, boolean sure) implements Said {}

        record Nothing() implements Said {}
    }

    /**
     * A login, as {@code user} and {@code password} of a store give it: access key and secret, or account and its key.
     * Never prints itself.
     */
    record Login(@Nullable String user, @Nullable String password) {
        @Override
        public String toString() {
            return "***";
        }
    }

    /** To be asked first: an answer to this finds out how to sign. */
    Said region() throws IOException;

    /** All objects whose key begins with {@code prefix}. */
    void list(String prefix, Visitor visitor) throws IOException;

    /** What people should know of what was seen and what was not. */
    List<String> remarks();

    @Override
    void close();

    /** @param region the store's as it is declared; names the endpoint of {@code s3://bucket} */
    static Bucket s3(URI url, Login login, String region, Duration patience, InstantSource clock) throws IOException {
        return S3Bucket.open(url, login, region, new StoreHttp(patience), clock);
    }

    static Bucket azure(URI url, Login login, Duration patience, InstantSource clock) throws IOException {
        return AzureContainer.open(url, login, new StoreHttp(patience), clock);
    }
}
