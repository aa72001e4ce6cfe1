package org.posthorn.integration.harness;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A client's end of a connection, for tests that must know what was answered to each line.
public final class SmtpConnection implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private SmtpConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = new BufferedOutputStream(socket.getOutputStream());
    }

    /// Connects, without reading the greeting.
    public static SmtpConnection to(String address, int port) throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
        return new SmtpConnection(socket);
    }

    /// Connects, reads the greeting and says `EHLO`.
    public static SmtpConnection greeted(int port) throws IOException {
        SmtpConnection connection = to("127.0.0.1", port);
        connection.reply();
        connection.command("EHLO client.test");
        return connection;
    }

    /// Tells whether a server there greets with `220`.
    public static boolean isGreeted(String address, int port) {
        try (SmtpConnection connection = to(address, port)) {
            boolean greeted = connection.reply().startsWith("220");
            connection.write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            connection.out.flush();
            connection.reply();
            return greeted;
        } catch (IOException _) {
            return false;
        }
    }

    /// Sends a line and returns the reply to it.
    public String command(String line) throws IOException {
        write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        return reply();
    }

    /// Sends octets as they are.
    public void write(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
    }

    /// Reads a reply, its lines joined by line feeds.
    ///
    /// @throws EOFException when the server has closed the connection
    public String reply() throws IOException {
        var reply = new StringBuilder();
        String line = line();
        while (line.length() > 3 && line.charAt(3) == '-') {
            reply.append(line).append('\n');
            line = line();
        }
        return reply.append(line).toString();
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("closed after '" + line + "'");
            }
            if (octet != '\r') {
                line.append((char) octet);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
