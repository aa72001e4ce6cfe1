package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.Job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Delivery to programs: real ones, written by the test.
class PipeTransportTest {
    private static final PipeTransport PATIENT = new PipeTransport(Duration.ofSeconds(30));

    @TempDir Path directory;

    private Path program(String script) throws IOException {
        Path file = directory.resolve("program");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private static Job job(String content, String... recipients) {
        return job(Mail.to(recipients), content);
    }

    private static Job job(Envelope envelope, String content) {
        return new MemoryQueue().offer(envelope, Mail.content(content), Instant.EPOCH);
    }

    private List<String> run(Job job, String command) throws InterruptedException {
        return PATIENT.deliver(job, PipeCommand.parse(command)).stream()
                .map(it -> it.outcome().reply().toString())
                .toList();
    }

    private String status(String script) throws Exception {
        return run(job("x", "leo@a.example"), program(script).toString()).getFirst();
    }

    @Test
    void aProgramReadsTheMessageWithUnixLineEnds() throws Exception {
        Path out = directory.resolve("out");
        Path program = program("cat > " + out);

        List<String> said =
                run(job("Subject: x\r\n\r\na\r\rb\r\n\r", "leo@a.example"), program.toString());

        assertThat(said).containsExactly("250 2.0.0 Delivered to " + program);
        assertThat(Files.readString(out))
                .isEqualTo("Return-Path: <mona@sender.example>\nSubject: x\n\na\r\rb\n\r");
    }

    @Test
    void itIsRunOncePerRecipientWithArgumentsThatNoShellSees() throws Exception {
        Path out = directory.resolve("out");
        Path program = program("printf '%s|' \"$@\" \"$SENDER\" \"$RECIPIENT\" >> " + out);

        run(
                job("x", "leo@a.example", "`id`$x@a.example"),
                program + " -f ${sender} \"${user} at ${domain}\" ${recipient}");

        assertThat(Files.readString(out))
                .isEqualTo(
                        "-f|mona@sender.example|leo at a.example|leo@a.example|"
                                + "mona@sender.example|leo@a.example|"
                                + "-f|mona@sender.example|`id`$x at a.example|`id`$x@a.example|"
                                + "mona@sender.example|`id`$x@a.example|");
    }

    @Test
    void mailWithoutSenderIsFromTheMailerDaemon() throws Exception {
        Path out = directory.resolve("out");
        Path program = program("cat - > " + out + "; printf %s \"$1\" >> " + out);

        run(job(Mail.from(ReversePath.NULL, "leo@a.example"), ""), program + " ${sender}");

        assertThat(Files.readString(out)).isEqualTo("Return-Path: <>\nMAILER-DAEMON");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 250 2.0.0 Delivered",
        "64, 451 4.3.5 command line usage error",
        "65, 554 5.6.0 data format error",
        "67, 550 5.1.1 user unknown",
        "69, 554 5.3.0 service unavailable",
        "75, 451 4.3.0 temporary failure",
        "77, 550 5.7.0 permission denied",
        "1, 451 4.3.0 command ended with status 1",
    })
    void itsExitStatusIsTheOutcome(int exit, String reply) throws Exception {
        assertThat(status("cat > /dev/null; exit " + exit)).startsWith(reply);
    }

    @Test
    void whatItSaysIsToldAndMayBeMorePrecise() throws Exception {
        assertThat(status("echo over; echo quota; exit 75"))
                .isEqualTo("451 4.3.0 temporary failure. Command output: over quota");
        assertThat(status("echo 5.2.2 Mailbox full; exit 69"))
                .isEqualTo("554 5.2.2 service unavailable. Command output: Mailbox full");
        assertThat(status("echo 5.2.2 Mailbox full; exit 75"))
                .as("the class is the exit status's")
                .isEqualTo("451 4.2.2 temporary failure. Command output: Mailbox full");
    }

    @Test
    void outputWithoutEndIsBounded() throws Exception {
        assertThat(status("cat > /dev/null; head -c 3000000 /dev/zero | tr '\\0' x; exit 75"))
                .hasSizeLessThan(1_100);
    }

    @Test
    void aProgramThatDoesNotReadAllMayStillTakeTheMail() throws Exception {
        String large = "x".repeat(3_000_000);

        assertThat(run(job(large, "leo@a.example"), program("exit 0").toString()).getFirst())
                .startsWith("250");
        assertThat(run(job(large, "leo@a.example"), program("exit 67").toString()).getFirst())
                .startsWith("550 5.1.1");
    }

    @Test
    void aProgramThatIsKilledOrMissingLetsTheMailWait() throws Exception {
        assertThat(status("kill -9 $$")).isEqualTo("451 4.3.0 command died with signal 9");
        assertThat(run(job("x", "leo@a.example"), directory + "/nowhere").getFirst())
                .startsWith("451 4.3.5");
    }

    @Test
    void aProgramThatTakesTooLongIsKilledWithAllThatItBegan() throws Exception {
        Path pids = directory.resolve("pids");
        Path program =
                program("sleep 1000 & echo $! > " + pids + "; echo $$ >> " + pids + "; wait");
        var hasty = new PipeTransport(Duration.ofSeconds(2));

        var said =
                hasty.deliver(job("x", "leo@a.example"), PipeCommand.parse(program.toString()))
                        .getFirst();

        assertThat(said.outcome().reply().toString())
                .startsWith("451 4.3.0 Local error: " + program + " takes longer than 2 s");
        for (String pid : Files.readAllLines(pids)) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(it -> it.onExit().join());
        }
    }

    @Test
    void whatAProgramLeavesBehindIsNotWaitedFor() throws Exception {
        Path pid = directory.resolve("pid");

        assertThat(status("echo gone; sleep 1000 & echo $! > " + pid + "; exit 75"))
                .isEqualTo("451 4.3.0 temporary failure. Command output: gone");

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(it -> it.getName().equals("pipe-hear"));
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void whatWasDeliveredStandsWhereTheServerStopsBeforeTheRest() throws Exception {
        Path program =
                program(
                        "case $RECIPIENT in leo*) exit 0;; *) touch "
                                + directory
                                + "/second; exec sleep 1000;; esac");
        Job job = job("x", "leo@a.example", "ada@a.example");
        var results = new CompletableFuture<List<Result>>();
        Thread delivery =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        results.complete(
                                                PATIENT.deliver(
                                                        job,
                                                        PipeCommand.parse(program.toString())));
                                    } catch (InterruptedException e) {
                                        results.completeExceptionally(e);
                                    }
                                });
        while (!Files.exists(directory.resolve("second"))) {
            Thread.onSpinWait();
        }
        delivery.interrupt();

        assertThat(results.get(30, TimeUnit.SECONDS))
                .map(it -> it.outcome().reply().toString())
                .satisfiesExactly(
                        it -> assertThat(it).startsWith("250"),
                        it -> assertThat(it).isEqualTo("451 4.3.2 The server stops"));
    }

    @Test
    void anAddressNeverBecomesAnOption() throws Exception {
        Path program = program("exit 0");
        Envelope envelope =
                Mail.to("leo@a.example")
                        .to(Recipient.of(new Mailbox("-rf", Domain.parse("a.example"))));

        assertThat(run(job(envelope, "x"), program + " ${recipient}"))
                .satisfiesExactly(
                        it -> assertThat(it).startsWith("250"),
                        it -> assertThat(it).startsWith("553 5.1.3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "filter", "/bin/cat ${nobody}", "/bin/cat \"a", "/bin/cat a\"b\""})
    void refusesWhatIsNoCommand(String command) {
        assertThatThrownBy(() -> PipeCommand.parse(command))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("to: 'pipe:" + command + "' is no command");
    }
}
