package org.posthorn.testkit.remote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A server on loopback that plays a script on each connection.
///
/// Safe for use by many threads. Closing it closes all connections, and nobody listens any more
/// when that returns.
public final class ScriptedRemote implements AutoCloseable {

    /// What the server does on one connection. Its end closes the connection.
    @FunctionalInterface
    public interface Script {
        /// Plays.
        ///
        /// @throws IOException when the client is gone, or does what the script does not expect
        void play(RemoteConnection client) throws IOException;
    }

    private final ServerSocket listener;
    private final List<Script> scripts;
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Thread acceptor = Thread.ofVirtual().unstarted(this::accept);
    private final AtomicInteger connections = new AtomicInteger();

    private ScriptedRemote(ServerSocket listener, List<Script> scripts) {
        this.listener = listener;
        this.scripts = List.copyOf(scripts);
    }

    /// Starts a server on a free port of `127.0.0.1`.
    ///
    /// @param scripts one per connection, in order; the last for all further ones
    public static ScriptedRemote playing(Script... scripts) {
        return playing(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), scripts);
    }

    /// Starts a server at a given address.
    ///
    /// @param at the address, with port 0 for any that is free
    /// @param scripts one per connection, in order; the last for all further ones
    public static ScriptedRemote playing(InetSocketAddress at, Script... scripts) {
        try {
            var listener = new ServerSocket(at.getPort(), 50, at.getAddress());
            var remote = new ScriptedRemote(listener, List.of(scripts));
            remote.acceptor.start();
            return remote;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                int number = connections.getAndIncrement();
                Script script = scripts.get(Math.min(number, scripts.size() - 1));
                Thread.ofVirtual().start(() -> play(script, socket));
            }
        } catch (IOException e) {
            // Closed: that is how it ends.
        }
    }

    private void play(Script script, Socket socket) {
        try (socket) {
            script.play(new RemoteConnection(socket, heard));
        } catch (IOException e) {
            heard.add("! " + e.getMessage());
        } finally {
            sockets.remove(socket);
        }
    }

    /// Returns where it listens.
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /// Returns how many connections there have been.
    public int connections() {
        return connections.get();
    }

    /// Returns all command lines that were heard so far, of all connections, in order. A line that
    /// begins with `!` says why a script broke off.
    public List<String> heard() {
        return List.copyOf(heard);
    }

    @Override
    public void close() {
        try {
            listener.close();
            acceptor.join();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
