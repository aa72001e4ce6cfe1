package org.posthorn.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

class TeardownTest {
    private final List<String> closed = new ArrayList<>();
    private final Teardown teardown = new Teardown();

    @BeforeAll
    static void beQuietAboutWhatIsExpected() {
        ((Logger) LoggerFactory.getLogger(Teardown.class)).setLevel(Level.OFF);
    }

    @Test
    void undoesTheLastFirst() {
        teardown.closing(() -> closed.add("first"));
        teardown.add(() -> closed.add("second"));
        teardown.close();
        assertThat(closed).containsExactly("second", "first");
    }

    @Test
    void goesOnWhenAPartFails() {
        teardown.add(() -> closed.add("first"));
        teardown.add(
                () -> {
                    throw new IOException("it is stuck");
                });
        teardown.close();
        assertThat(closed).containsExactly("first");
    }

    @Test
    void undoesNothingTwice() {
        teardown.add(() -> closed.add("first"));
        teardown.close();
        teardown.close();
        assertThat(closed).containsExactly("first");
    }
}
