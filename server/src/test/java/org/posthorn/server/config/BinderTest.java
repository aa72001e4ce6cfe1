package org.posthorn.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.config.Default;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.net.Network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class BinderTest {
    private static final Path HOME = Path.of("/srv/posthorn");

    private final List<String> problems = new ArrayList<>();

    enum Color {
        RED,
        DARK_BLUE
    }

    record Text(String value) {}

    record Whole(int value) {}

    record Large(long value) {}

    record Number(double value) {}

    record Flag(boolean value) {}

    record Choice(Color value) {}

    record Time(Duration value) {}

    record Size(ByteSize value) {}

    record Place(Path value) {}

    record Address(InetAddress value) {}

    record Peer(InetSocketAddress value) {}

    record Net(Network value) {}

    record Zone(Domain value) {}

    record Person(Mailbox value) {}

    record Maybe(Optional<Duration> value) {}

    record Many(List<Integer> value) {}

    record Named(Map<String, Whole> value) {}

    record Blocks(List<Whole> value) {}

    record Standard(
            @Default("5d") Duration lifetime,
            @Default("\"::1\"") InetAddress localAddress,
            @Default("${root}/queue") Path directory,
            @Default("[]") List<Integer> numbers,
            Defaulted inner) {}

    record Defaulted(@Default("7") int number) {}

    record Checked(@Default("0") int low, @Default("0") int highMark) {
        Checked {
            if (low > 10) {
                throw new IllegalArgumentException("low must be at most 10");
            }
            if (highMark < low) {
                throw new IllegalArgumentException("the high mark must not be below low");
            }
        }
    }

    record Common(String use, Rest rest) {}

    @Test
    void readsText() {
        assertThat(read(Text.class, "value = \"mx.example.org\"")).isEqualTo("mx.example.org");
        assertThat(read(Text.class, "value = mx.example.org")).isEqualTo("mx.example.org");
    }

    @Test
    void keepsANumberThatIsWantedAsTextAsItWasWritten() {
        assertThat(read(Text.class, "value = 1.10")).isEqualTo("1.10");
    }

    @Test
    void readsNumbers() {
        assertThat(read(Whole.class, "value = -12")).isEqualTo(-12);
        assertThat(read(Whole.class, "value = \"12\"")).isEqualTo(12);
        assertThat(read(Large.class, "value = 5000000000")).isEqualTo(5_000_000_000L);
        assertThat(read(Number.class, "value = 2.5")).isEqualTo(2.5);
    }

    @Test
    void readsTrueAndFalse() {
        assertThat(read(Flag.class, "value = true")).isEqualTo(true);
        assertThat(read(Flag.class, "value = off")).isEqualTo(false);
    }

    @Test
    void readsAnEnumByItsNameInLowerCaseWithDashes() {
        assertThat(read(Choice.class, "value = dark-blue")).isEqualTo(Color.DARK_BLUE);
    }

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "30s,PT30S", "5 minutes,PT5M", "4h,PT4H", "5d,PT120H", "0s,PT0S"})
    void readsADuration(String text, Duration expected) {
        assertThat(read(Time.class, "value = " + text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"17,17", "64KiB,65536", "50MiB,52428800", "1GiB,1073741824", "64kB,64000"})
    void readsASize(String text, long bytes) {
        assertThat(read(Size.class, "value = " + text)).isEqualTo(new ByteSize(bytes));
    }

    @Test
    void readsARelativePathFromTheDistributionsDirectory() {
        assertThat(read(Place.class, "value = \"data/../etc/x\"")).isEqualTo(HOME.resolve("etc/x"));
        assertThat(read(Place.class, "value = /var/mail")).isEqualTo(Path.of("/var/mail"));
    }

    @Test
    void readsAddresses() throws Exception {
        assertThat(read(Address.class, "value = \"::1\"")).isEqualTo(InetAddress.ofLiteral("::1"));
        assertThat(read(Peer.class, "value = \"127.0.0.1:5353\""))
                .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 5353));
        assertThat(read(Peer.class, "value = \"[2001:db8::1]:53\""))
                .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 53));
        assertThat(read(Net.class, "value = 192.0.2.0/24"))
                .isEqualTo(Network.parse("192.0.2.0/24"));
    }

    @Test
    void readsDomainsAndMailboxes() {
        assertThat(read(Zone.class, "value = Example.ORG")).isEqualTo(Domain.parse("example.org"));
        assertThat(read(Person.class, "value = \"mona@example.org\""))
                .isEqualTo(Mailbox.parse("mona@example.org"));
    }

    @Test
    void readsAnOptionalSetting() {
        assertThat(read(Maybe.class, "value = 1s")).isEqualTo(Optional.of(Duration.ofSeconds(1)));
        assertThat(read(Maybe.class, "")).isEqualTo(Optional.empty());
    }

    @Test
    void readsLists() {
        assertThat(read(Many.class, "value = [3, 1]")).isEqualTo(List.of(3, 1));
        assertThat(read(Blocks.class, "value = [{ value = 3 }, { value = 1 }]"))
                .isEqualTo(List.of(new Whole(3), new Whole(1)));
    }

    @Test
    void readsNamedBlocksInTheOrderInWhichTheyWereWritten() {
        Object named = read(Named.class, "value {\n zulu { value = 1 }\n alfa { value = 2 }\n}");
        assertThat(named).isEqualTo(Map.of("zulu", new Whole(1), "alfa", new Whole(2)));
        assertThat(((Map<?, ?>) named).keySet().iterator().next()).isEqualTo("zulu");
    }

    @Test
    void usesDefaultsForWhatIsNotMentioned() {
        assertThat(bind(Standard.class, ""))
                .contains(
                        new Standard(
                                Duration.ofDays(5),
                                InetAddress.ofLiteral("::1"),
                                HOME.resolve("data/queue"),
                                List.of(),
                                new Defaulted(7)));
    }

    @Test
    void saysWhenADefaultIsMadeOfASettingThatIsWrong() {
        var wrong = new Binder(HOME, ConfigFactory.parseString("root = [data]"));
        Block block = new Block(ConfigFactory.parseString("").root(), "");
        assertThat(wrong.bind(block, Standard.class, this::add)).isEmpty();
        assertThat(problems)
                .singleElement(InstanceOfAssertFactories.STRING)
                .endsWith(
                        "directory: has no default, because it is made of a setting that is wrong");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5",
                "\"5\"",
                "-5s",
                "110000d",
                "5 parsecs",
                "\"\"",
                "[5s]",
                "{ s = 5 }",
                "null"
            })
    void refusesWhatIsNoDuration(String text) {
        assertThat(bind(Time.class, "value = " + text)).isEmpty();
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst())
                .startsWith("test.conf:1: value: ")
                .endsWith(" is not a duration such as 30s, 5m, 4h or 5d");
    }

    @Test
    void namesAValueOfAnotherTypeAndWhatWasExpected() {
        refuses(Whole.class, "value = many", "value: 'many' is not a whole number");
        refuses(Whole.class, "value = 1.5", "value: '1.5' is not a whole number");
        refuses(Whole.class, "value = 3000000000", "value: '3000000000' is not a whole number");
        refuses(Whole.class, "value = [1]", "value: a list is not a whole number");
        refuses(Number.class, "value = x", "value: 'x' is not a number");
        refuses(Flag.class, "value = maybe", "value: 'maybe' is not true or false");
        refuses(Text.class, "value { x = 1 }", "value: a block is not a text");
        refuses(Choice.class, "value = RED", "value: 'RED' is not one of red, dark-blue");
        refuses(Size.class, "value = -1", "value: '-1' is not a size such as 64KiB or 50MiB");
        refuses(Size.class, "value = big", "value: 'big' is not a size such as 64KiB or 50MiB");
        refuses(Place.class, "value = \"\"", "value: '' is not a path");
        refuses(
                Address.class,
                "value = localhost",
                "value: 'localhost' is not an IP address such as 192.0.2.1 or ::1");
        refuses(
                Net.class,
                "value = 10.0.0.0/33",
                "value: '10.0.0.0/33' is not a network such as 192.0.2.0/24 or 2001:db8::/32");
        refuses(Many.class, "value = 3", "value: '3' is not a list [ ... ], each a whole number");
        refuses(Named.class, "value = 3", "value: '3' is not named blocks, each a block { ... }");
        refuses(Blocks.class, "value = [3]", "value[0]: '3' is not a block { ... }");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:0",
                ":53",
                "::1:53",
                "[::1]",
                "localhost:53",
                "127.0.0.1:65536",
                "[127.0.0.1]:53"
            })
    void refusesWhatIsNoAddressWithAPort(String text) {
        refuses(
                Peer.class,
                "value = \"" + text + "\"",
                "value: '"
                        + text
                        + "' is not an IP address with a port such as "
                        + "192.0.2.1:53 or [::1]:53");
    }

    @Test
    void saysWhichRuleADomainBreaks() {
        assertThat(bind(Zone.class, "value = a..b")).isEmpty();
        assertThat(problems.getFirst())
                .startsWith("test.conf:1: value: 'a..b' is not a domain such as example.org: ");
    }

    @Test
    void namesAMissingSettingAtItsBlock() {
        refuses(Text.class, "", "value: is missing, expected a text");
        refuses(
                Blocks.class,
                "value = [ {} ]",
                "value[0].value: is missing, expected a whole number");
    }

    @Test
    void suggestsTheNearestNameForOneThatDoesNotExist() {
        refuses(
                Checked.class,
                "high-marc = 1",
                "high-marc: no such setting; did you mean high-mark?");
        refuses(Checked.class, "color = 1", "color: no such setting; there are: low, high-mark");
    }

    @Test
    void putsWhatARecordRefusesBesideTheSettingThatItBeginsWith() {
        refuses(Checked.class, "low = 11", "low: must be at most 10");
    }

    @Test
    void putsWhatARecordRefusesBesideTheBlockOtherwise() {
        assertThat(bind(Checked.class, "high-mark = -1")).isEmpty();
        assertThat(problems.getFirst()).endsWith(": the high mark must not be below low");
    }

    @Test
    void tellsAllThatIsWrongAtOnceWithItsLine() {
        bind(
                Standard.class,
                """
                lifetime = soon
                numbers = [1,
                  two, three]
                inner { number = x, color = 2 }
                lifetyme = 3d
                """);
        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "test.conf:5: lifetyme: no such setting; did you mean lifetime?",
                        "test.conf:1: lifetime: 'soon' is not a duration such as 30s, 5m, 4h or 5d",
                        "test.conf:3: numbers[1]: 'two' is not a whole number",
                        "test.conf:3: numbers[2]: 'three' is not a whole number",
                        "test.conf:4: inner.color: no such setting; there are: number",
                        "test.conf:4: inner.number: 'x' is not a whole number");
    }

    @Test
    void leavesTheRestOfABlockToWhoeverKnowsIt() {
        Common common = bind(Common.class, "use = x, high-mark = 3").orElseThrow();
        assertThat(binder().bind(common.rest(), Checked.class, this::add))
                .contains(new Checked(0, 3));
        assertThat(problems).isEmpty();
    }

    @Test
    void refusesUnknownSettingsOfTheRestAndKnowsTheCommonOnes() {
        Common common = bind(Common.class, "uses = 4, use = x").orElseThrow();
        binder().bind(common.rest(), Checked.class, this::add);
        assertThat(problems)
                .containsExactly("test.conf:1: uses: no such setting; did you mean use?");
    }

    private void add(Problem problem) {
        problems.add(problem.toString());
    }

    private static Binder binder() {
        return new Binder(HOME, ConfigFactory.parseString("root = data"));
    }

    private <R extends Record> Optional<R> bind(Class<R> type, String text) {
        ConfigParseOptions origin = ConfigParseOptions.defaults().setOriginDescription("test.conf");
        var object = ConfigFactory.parseString(text, origin).root();
        return binder().bind(new Block(object, ""), type, this::add);
    }

    private Object read(Class<? extends Record> type, String text) {
        Record bound = bind(type, text).orElseThrow(() -> new AssertionError(problems));
        try {
            var accessor = type.getRecordComponents()[0].getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(bound);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private void refuses(Class<? extends Record> type, String text, String problem) {
        problems.clear();
        assertThat(bind(type, text)).isEmpty();
        assertThat(problems).containsExactly("test.conf:1: " + problem);
    }
}
