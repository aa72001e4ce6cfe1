package org.posthorn.delivery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/// Who we are: what we call ourselves, and where mail sent to us arrives. Immutable.
///
/// @param name our host name, in `EHLO`, in bounces, and never to be sent to as a mail exchanger
/// @param listeners our SMTP listeners' addresses, never to be sent to either
public record LocalHost(String name, List<InetSocketAddress> listeners) {
    /// Copies the list.
    public LocalHost {
        listeners = List.copyOf(listeners);
    }

    boolean is(String host) {
        return host.equalsIgnoreCase(name);
    }

    boolean listensOn(InetSocketAddress address) {
        return listeners.stream().anyMatch(listener -> covers(listener, address));
    }

    private static boolean covers(InetSocketAddress listener, InetSocketAddress address) {
        InetAddress at = listener.getAddress();
        return listener.getPort() == address.getPort()
                && (address.getAddress().equals(at) || at.isAnyLocalAddress() && isOurs(address));
    }

    private static boolean isOurs(InetSocketAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address.getAddress()) != null;
        } catch (SocketException e) {
            return false;
        }
    }
}
