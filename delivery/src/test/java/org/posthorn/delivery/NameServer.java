package org.posthorn.delivery;

import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A name server on loopback, over UDP and TCP, that knows what a test tells it.
final class NameServer implements AutoCloseable {
    static final int NEGATIVE_SECONDS = 30;
    private static final int UDP_OCTETS = 512;

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final List<Record> records = new CopyOnWriteArrayList<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile boolean failing;

    NameServer() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        this.tcp = new ServerSocket(0, 10, loopback);
        this.udp = new DatagramSocket(tcp.getLocalPort(), loopback);
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    String address() {
        return "127.0.0.1:" + tcp.getLocalPort();
    }

    NameServer add(String line) throws IOException {
        String[] parts = line.split(" ", 5);
        records.add(
                Record.fromString(
                        Name.fromString(parts[0]),
                        Type.value(parts[3]),
                        DClass.IN,
                        Long.parseLong(parts[1]),
                        parts[4],
                        Name.root));
        return this;
    }

    void failing(boolean now) {
        failing = now;
    }

    int questions() {
        return questions.get();
    }

    private void serveUdp() {
        try {
            while (true) {
                var packet = new DatagramPacket(new byte[4096], 4096);
                udp.receive(packet);
                questions.incrementAndGet();
                byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
                byte[] reply = answer(new Message(query)).toWire(UDP_OCTETS);
                udp.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            // Closed: that is how it ends.
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (Socket socket = tcp.accept()) {
                    var in = new DataInputStream(socket.getInputStream());
                    byte[] query = in.readNBytes(in.readUnsignedShort());
                    byte[] reply = answer(new Message(query)).toWire();
                    var out = new DataOutputStream(socket.getOutputStream());
                    out.writeShort(reply.length);
                    out.write(reply);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // Closed: that is how it ends.
        }
    }

    private Message answer(Message query) throws IOException {
        var reply = new Message(query.getHeader().getID());
        reply.getHeader().setFlag(Flags.QR);
        Record question = query.getQuestion();
        reply.addRecord(question, Section.QUESTION);
        if (failing) {
            reply.getHeader().setRcode(Rcode.SERVFAIL);
            return reply;
        }
        List<Record> found = new ArrayList<>();
        Name name = question.getName();
        for (int i = 0;
                i < 4 && found.stream().noneMatch(r -> r.getType() == question.getType());
                i++) {
            for (Record record : records) {
                boolean fits =
                        record.getType() == question.getType() || record.getType() == Type.CNAME;
                if (record.getName().equals(name) && fits) {
                    found.add(record);
                }
            }
            name =
                    found.isEmpty()
                            ? name
                            : ((found.getLast() instanceof org.xbill.DNS.CNAMERecord c)
                                    ? c.getTarget()
                                    : name);
        }
        found.forEach(record -> reply.addRecord(record, Section.ANSWER));
        if (found.isEmpty()) {
            boolean exists = records.stream().anyMatch(r -> r.getName().equals(question.getName()));
            reply.getHeader().setRcode(exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
            Name zone = Name.fromString("example.");
            reply.addRecord(
                    new SOARecord(zone, DClass.IN, 3600, zone, zone, 1, 1, 1, 1, NEGATIVE_SECONDS),
                    Section.AUTHORITY);
        }
        return reply;
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
