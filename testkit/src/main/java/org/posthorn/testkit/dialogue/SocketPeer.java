package org.posthorn.testkit.dialogue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// A server behind a socket.
public final class SocketPeer implements Peer {
    private static final int PATIENCE = Math.toIntExact(Duration.ofSeconds(20).toMillis());

    private final SSLContext tls;
    private Socket socket;

    /// Connects.
    ///
    /// @throws IOException when it cannot
    public SocketPeer(InetSocketAddress server) throws IOException {
        this(server, trusting());
    }

    /// Connects.
    ///
    /// @param tls whom to trust, and what to show, where TLS begins
    /// @throws IOException when it cannot
    public SocketPeer(InetSocketAddress server, SSLContext tls) throws IOException {
        this.tls = tls;
        socket = new Socket();
        socket.connect(server, PATIENCE);
        socket.setSoTimeout(PATIENCE);
    }

    @Override
    public void send(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        socket.getOutputStream().flush();
    }

    @Override
    public Optional<String> line() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            int octet = read();
            if (octet < 0) {
                return Optional.empty();
            }
            if (octet == '\n') {
                return Optional.of(line.toString(StandardCharsets.UTF_8).stripTrailing());
            }
            line.write(octet);
        }
    }

    private int read() throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException e) {
            // Reset, because the server closed while we had more to say.
            return -1;
        }
    }

    private static SSLContext trusting() throws IOException {
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, new TrustManager[] {new TrustAll()}, null);
            return tls;
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS", e);
        }
    }

    @Override
    public void secure() throws IOException {
        secure(new SSLParameters());
    }

    /// Begins TLS, and shakes hands.
    ///
    /// @param wanted such as the host name to ask for
    /// @return what was agreed on
    /// @throws IOException when it cannot
    public SSLSession secure(SSLParameters wanted) throws IOException {
        var secured =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        socket, socket.getInetAddress().getHostAddress(), 0, true);
        secured.setSoTimeout(PATIENCE);
        secured.setSSLParameters(wanted);
        secured.startHandshake();
        socket = secured;
        return secured.getSession();
    }

    /// Returns the TLS in use, if it is.
    public Optional<SSLSession> tls() {
        return socket instanceof SSLSocket secured
                ? Optional.of(secured.getSession())
                : Optional.empty();
    }

    /// Ends what the client says, while it goes on reading.
    public void fallSilent() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
