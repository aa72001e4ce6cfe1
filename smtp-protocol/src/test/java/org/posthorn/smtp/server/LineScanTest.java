package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LineScanTest {
    @Property
    void findsTheFirstBreakWhereverItIs(
            @ForAll @Size(max = 64) byte[] octets, @ForAll @IntRange(max = 64) int from) {
        int start = Math.min(from, octets.length);
        ByteBuf in = Unpooled.wrappedBuffer(octets);
        assertThat(LineScan.nextBreak(in, start, octets.length)).isEqualTo(naively(octets, start));
    }

    @Property
    void findsBreaksAmongOctetsThatResembleThem(@ForAll @Size(max = 40) boolean[] breaks) {
        byte[] octets = new byte[breaks.length];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) (breaks[i] ? '\n' : i % 2 == 0 ? '\n' + 0x80 : '\r' + 1);
        }
        ByteBuf in = Unpooled.directBuffer().writeBytes(octets);
        assertThat(LineScan.nextBreak(in, 0, octets.length)).isEqualTo(naively(octets, 0));
        in.release();
    }

    private static int naively(byte[] octets, int start) {
        int at = start;
        while (at < octets.length && octets[at] != '\r' && octets[at] != '\n') {
            at++;
        }
        return at;
    }
}
