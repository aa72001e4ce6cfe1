package org.posthorn.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

class StartExceptionTest {
    @Test
    void saysWhatIsWrongWithAFile() {
        assertThat(StartException.of(new AccessDeniedException("/srv/log")))
                .hasMessage("/srv/log: the user that this runs as has not the right to use it");
        assertThat(StartException.of(new NoSuchFileException("/srv/log")))
                .hasMessage("/srv/log: NoSuchFileException");
    }

    @Test
    void leavesOtherWordsAsTheyAre() {
        assertThat(StartException.of(new IOException("port 25 is taken")))
                .hasMessage("port 25 is taken");
    }
}
