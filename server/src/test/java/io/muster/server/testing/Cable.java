package io.muster.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The network between a server and its database: it can be cut, it can swallow everything without a word, and a {@link Trap} in it waits
 * for what is said.
 */
public final class Cable implements AutoCloseable {

    /**
     * What happens once, in the midst of a conversation.
     *
     * @param begun how the conversation begins that is meant
     * @param word what the near end then says, in the same breath or later
     * @param answered whether that reaches the far end, and only the first of its answer is held back
     * @param fault what happens then; true: the connection survives it, and all is passed on
     */
    public record Trap(Pattern begun, String word, boolean answered, BooleanSupplier fault) {}

    private final int target;
    private final int port;
    private final AtomicReference<@Nullable Trap> trap = new AtomicReference<>();
    private final Set<Joint> joints = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ServerSocket listening;
    private volatile boolean swallowing;

    /** To a port of this machine. */
    public Cable(int target) {
        this.target = target;
        this.port = ServerProcess.freePort();
        listen();
    }

    /** Two connections that are one; of a swallowed one neither end is ever told. */
    private final class Joint {
        private final Socket near;
        private final Socket far;
        private volatile boolean swallowed;

        // of a trap: the first by the thread that hears the near end, the second handed from it to the other
        private boolean begun;
        private volatile @Nullable Trap awaitingAnswer;

        Joint(Socket near) throws IOException {
            this.near = near;
            this.far = new Socket(InetAddress.getLoopbackAddress(), target);
            far.setTcpNoDelay(true);
            near.setTcpNoDelay(true);
            joints.add(this);
            pump(near, far);
            pump(far, near);
        }

        private void pump(Socket from, Socket to) {
            Thread.ofVirtual().start(() -> {
                var bytes = new byte[1 << 16];
                try {
                    for (int n = from.getInputStream().read(bytes);
                            n >= 0;
                            n = from.getInputStream().read(bytes)) {
                        if (!(from == near ? passesThere(bytes, n) : passesBack())) break;
                        if (!swallowed) to.getOutputStream().write(bytes, 0, n);
                    }
                } catch (IOException gone) {
                    // told to the other end below
                }
                if (!swallowed) end();
            });
        }

        /** What is said in few words comes whole: nobody else is on the line. */
        private boolean passesThere(byte[] bytes, int length) {
            var set = trap.get();
            if (set == null) {
                begun = false;
                return true;
            }
            var said = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
            begun |= set.begun().matcher(said).find();
            if (!begun || !said.contains(set.word()) || !trap.compareAndSet(set, null)) return true;
            if (!set.answered()) return set.fault().getAsBoolean();
            awaitingAnswer = set;
            return true;
        }

        private boolean passesBack() {
            var sprung = awaitingAnswer;
            awaitingAnswer = null;
            return sprung == null || sprung.fault().getAsBoolean();
        }

        void end() {
            joints.remove(this);
            close(near);
            close(far);
        }
    }

    private void listen() {
        try {
            var socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listening = socket;
            Thread.ofPlatform().daemon().name("cable").start(() -> accept(socket));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void accept(ServerSocket socket) {
        while (true) {
            try {
                var near = socket.accept();
                if (swallowing) {
                    swallow(near);
                } else {
                    join(near);
                }
            } catch (SocketException closed) {
                return;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    private void join(Socket near) {
        try {
            new Joint(near);
        } catch (IOException refused) {
            close(near);
        }
    }

    /** Reads for ever, so that whoever writes thinks that all is well. */
    private static void swallow(Socket near) {
        Thread.ofVirtual().start(() -> {
            try (near) {
                near.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException gone) {
                // as it should
            }
        });
    }

    public int port() {
        return port;
    }

    /** Instead of the one that is set. */
    public void set(Trap next) {
        trap.set(next);
    }

    /** Whether somebody went into the trap. */
    public boolean isSprung() {
        return trap.get() == null;
    }

    /** Connections end, new ones are refused. */
    public void cut() {
        close(listening);
        joints.forEach(Joint::end);
    }

    /** No byte passes any more, and nobody is told: neither those that are connected nor those that connect. */
    public void blackhole() {
        swallowing = true;
        joints.forEach(joint -> joint.swallowed = true);
    }

    /** For new connections; those that were swallowed stay so. */
    public void mend() {
        swallowing = false;
        if (listening == null || listening.isClosed()) listen();
    }

    @Override
    public void close() {
        cut();
    }

    private static void close(java.io.@Nullable Closeable socket) {
        try {
            if (socket != null) socket.close();
        } catch (IOException gone) {
            // closed it is
        }
    }
}
