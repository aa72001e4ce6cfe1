package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.smtp.server.ClientAttributes.Name;

import java.net.InetAddress;

class ClientAttributesTest {
    @Test
    void readsValuesInXtext() {
        ClientAttributes read =
                parse("NAME=spike.example ADDR=168.100.189.2 helo=a+2Bb+3D PORT=25");
        assertThat(read.text(Name.NAME)).contains("spike.example");
        assertThat(read.address(Name.ADDR)).contains(InetAddress.ofLiteral("168.100.189.2"));
        assertThat(read.text(Name.HELO)).contains("a+b=");
        assertThat(read.port(Name.PORT)).contains(25);
        assertThat(read.text(Name.LOGIN)).isEmpty();
    }

    @Test
    void readsIpv6AddressesWithTheirTagAndWithout() {
        InetAddress address = InetAddress.ofLiteral("2001:db8::1");
        assertThat(parse("ADDR=IPV6:2001:db8::1").address(Name.ADDR)).contains(address);
        assertThat(parse("ADDR=2001:db8::1").address(Name.ADDR)).contains(address);
    }

    @Test
    void knowsThatSomethingIsNotKnown() {
        ClientAttributes read = parse("NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL]");
        assertThat(read.values()).containsEntry(Name.NAME, "").containsEntry(Name.ADDR, "");
        assertThat(read.address(Name.DESTADDR)).isEmpty();
    }

    @Test
    void takesAClientWithoutAnAddressForNobody() {
        ClientAttributes read = parse("ADDR=[UNAVAILABLE]");
        assertThat(read.address(Name.ADDR)).contains(InetAddress.ofLiteral("0.0.0.0"));
    }

    @Test
    void refusesWhatIsNone() {
        for (String bad :
                new String[] {
                    "NAME",
                    "=x",
                    "FOO=x",
                    "SOURCE=LOCAL",
                    "NAME=",
                    "NAME=a+20b",
                    "NAME=a+0Db",
                    "NAME=a+",
                    "NAME=" + "x".repeat(256),
                    "ADDR=example.org",
                    "ADDR=192.0.2.256",
                    "PORT=65536",
                    "PORT=-1",
                    "PROTO=LMTP"
                }) {
            assertThatExceptionOfType(MailSyntaxException.class)
                    .as(bad)
                    .isThrownBy(() -> parse(bad));
        }
        assertThatExceptionOfType(MailSyntaxException.class)
                .isThrownBy(() -> ClientAttributes.parse("LOGIN=x", ClientAttributes.OF_XFORWARD));
    }

    @Property(tries = 500)
    void readsOrRefusesWhateverComes(@ForAll String text) {
        try {
            assertThat(parse(text).values()).isNotEmpty();
        } catch (MailSyntaxException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static ClientAttributes parse(String text) {
        return ClientAttributes.parse(text, ClientAttributes.OF_XCLIENT);
    }
}
