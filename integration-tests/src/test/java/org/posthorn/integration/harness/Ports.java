package org.posthorn.integration.harness;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Hands out loopback ports that nobody listens on, each of them once.
///
/// They lie below the ports that the kernel gives to outgoing connections, so that nothing takes
/// one between here and the server that is to listen on it.
public final class Ports {
    private static final int FIRST = 12_000;
    private static final int COUNT = 20_000;
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private Ports() {}

    /// Returns a port that is free for TCP and UDP on every loopback address.
    public static int free() {
        for (int tries = 0; tries < COUNT; tries++) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + FIRST + " on");
    }

    private static boolean isFree(int port) {
        try (var tcp = new ServerSocket();
                var udp =
                        new DatagramSocket(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            tcp.bind(new InetSocketAddress(port));
            return udp.isBound();
        } catch (IOException _) {
            return false;
        }
    }
}
