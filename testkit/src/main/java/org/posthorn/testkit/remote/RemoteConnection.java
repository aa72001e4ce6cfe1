package org.posthorn.testkit.remote;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// The server's end of one connection, octet by octet if need be. One thread at a time.
public final class RemoteConnection {
    private static final int SILENCE_MILLIS = 30_000;

    private final List<String> heard;
    private Socket socket;
    private InputStream in;

    RemoteConnection(Socket socket, List<String> heard) throws IOException {
        this.heard = heard;
        this.socket = socket;
        this.in = open(socket);
    }

    private static InputStream open(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(SILENCE_MILLIS);
        return new BufferedInputStream(socket.getInputStream());
    }

    /// Sends lines, adding CRLF to each, as one write.
    public void say(String... lines) throws IOException {
        octets((String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /// Sends octets as they are.
    public void octets(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        socket.getOutputStream().flush();
    }

    /// Reads a line.
    ///
    /// @return the line without CRLF
    /// @throws IOException when the client closes, or is silent for 30 seconds
    public String hear() throws IOException {
        String line = line();
        heard.add(line);
        return line;
    }

    /// Reads a line and checks how it begins.
    ///
    /// @throws IOException when it begins otherwise
    public String hear(String beginning) throws IOException {
        String line = hear();
        if (!line.startsWith(beginning)) {
            throw new IOException("expected '" + beginning + "', heard '" + line + "'");
        }
        return line;
    }

    /// Reads content up to the lone dot.
    ///
    /// @return the octets, one character each (ISO 8859-1), dots unstuffed
    public String hearContent() throws IOException {
        StringBuilder content = new StringBuilder();
        while (true) {
            String line = line();
            if (line.equals(".")) {
                return content.toString();
            }
            String unstuffed = line.startsWith(".") ? line.substring(1) : line;
            content.append(unstuffed).append("\r\n");
        }
    }

    /// Reads a number of octets.
    ///
    /// @return the octets, one character each (ISO 8859-1)
    /// @throws IOException when the client closes before they are there
    public String hearOctets(int count) throws IOException {
        byte[] octets = in.readNBytes(count);
        if (octets.length < count) {
            throw new EOFException("the client closed");
        }
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /// Reads content up to the lone dot without keeping it.
    ///
    /// @return how many octets there were before the dot, as they came
    public long skipContent() throws IOException {
        byte[] part = new byte[64 * 1024];
        long octets = 0;
        String tail = "\r\n";
        while (!tail.endsWith("\r\n.\r\n")) {
            int count = in.read(part);
            if (count < 0) {
                throw new EOFException("the client closed");
            }
            octets += count;
            int last = Math.min(count, 5);
            tail += new String(part, count - last, last, StandardCharsets.ISO_8859_1);
            tail = tail.substring(Math.max(0, tail.length() - 5));
        }
        return octets - 3;
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        int before = 0;
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
            if (octet == '\n' && before == '\r') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.substring(0, text.length() - 1);
            }
            line.write(octet);
            before = octet;
        }
        throw new EOFException("the client closed");
    }

    /// Reads whatever comes until the client closes.
    ///
    /// @return all that came, as ISO 8859-1
    public String hearAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /// Becomes the server of a TLS handshake.
    public void secure(SSLContext tls) throws IOException {
        var secured =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        socket,
                                        socket.getInetAddress().getHostAddress(),
                                        socket.getPort(),
                                        true);
        secured.setUseClientMode(false);
        secured.startHandshake();
        socket = secured;
        in = open(secured);
    }

    /// Closes the connection.
    public void close() throws IOException {
        socket.close();
    }
}
