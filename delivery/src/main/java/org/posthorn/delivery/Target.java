package org.posthorn.delivery;

import java.net.InetSocketAddress;

/// One address of one host to try. Immutable.
///
/// @param host the host's name, or its address in brackets
/// @param address where it listens
record Target(String host, InetSocketAddress address) {

    /// Returns `mx.example.org[192.0.2.1]:25`, as operators know it.
    @Override
    public String toString() {
        String ip = "[" + address.getAddress().getHostAddress() + "]";
        return (host.equals(ip) ? "" : host) + ip + ":" + address.getPort();
    }
}
