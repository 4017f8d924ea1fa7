package io.muster.server.incident;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** What the Healthchecks-compatible API shows of the channels. */
@Component
public class Channels {

    /**
     * @param name the slug, by which everything else in Muster calls it
     * @param jobs the ids of the jobs of which it hears; {@code tags}: of those with one of these; unless {@code allJobs}
     */
    public record Compatible(
            UUID uuid, String name, String kind, boolean allJobs, List<String> jobs, List<String> tags) {

        /** Whether its own {@code jobs} select this one. */
        public boolean selects(String jobId, List<String> jobTags) {
            return allJobs || jobs.contains(jobId) || jobTags.stream().anyMatch(tags::contains);
        }
    }

    /** RFC 9562, appendix A; so Python makes the same ids: {@code uuid.uuid5(uuid.NAMESPACE_URL, "ops")}. */
    private static final UUID NAMESPACE_URL = UUID.fromString("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

    private final ChannelRepository channels;

    Channels(ChannelRepository channels) {
        this.channels = channels;
    }

    /** All, in the order of their names. */
    public List<Compatible> compatible() {
        return channels.compatible();
    }

    /** UUID version 5 of a slug. */
    public static UUID uuid(String slug) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(ByteBuffer.allocate(16)
                    .putLong(NAMESPACE_URL.getMostSignificantBits())
                    .putLong(NAMESPACE_URL.getLeastSignificantBits())
                    .flip());
            var hash = ByteBuffer.wrap(sha1.digest(slug.getBytes(UTF_8)));
            var high = hash.getLong() & ~0xF000L | 0x5000L;
            var low = hash.getLong() & ~0xC000_0000_0000_0000L | 0x8000_0000_0000_0000L;
            return new UUID(high, low);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent);
        }
    }
}
