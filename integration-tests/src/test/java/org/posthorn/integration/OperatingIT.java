package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.Postfix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an operator sees and does, on a running server.
@Needs(Peer.SWAKS)
class OperatingIT {
    private static final int LATER = Ports.free();
    private static final Pattern ACCEPTED = Pattern.compile("queued as (\\w+)");

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    private PosthornProcess server;

    @BeforeEach
    void start() {
        server =
                PosthornProcess.start(
                        directory,
                        Configuration.forLocalClients()
                                .route("held.test", "hold")
                                .route("later.test", "smtp://127.0.0.1:" + LATER)
                                .route("home.test", "maildir:" + directory.resolve("mail"))
                                .route("client.test", "maildir:" + directory.resolve("mail")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theQueueIsListedShownAndDeleted() throws IOException {
        String id = queued("leo@held.test");
        assertThat(server.command("queue", "list").succeeded().output())
                .contains(id)
                .contains("held.test");
        assertThat(server.command("queue", "show", id).succeeded().output())
                .contains(id)
                .contains("mona@client.test")
                .contains("leo@held.test");
        server.command("queue", "delete", id).succeeded();
        assertThat(server.queue().isEmpty()).isTrue();
        assertThat(server.command("queue", "show", id).failed().errors()).contains(id);
    }

    @Test
    void whatIsHeldIsKeptAcrossARestart() throws IOException {
        String id = queued("leo@held.test");
        server.kill();
        server.start();
        assertThat(server.command("queue", "list").succeeded().output()).contains(id);
    }

    @Test
    @Needs({Peer.ROOT, Peer.POSTFIX})
    void aRetryDeliversAtOnceWhenTheRemoteIsBack() throws IOException {
        String id = attempted("leo@later.test");
        try (Postfix postfix =
                Postfix.receiving(directory, "later.test", "127.0.0.1", LATER).start()) {
            server.command("queue", "retry", id).succeeded();
            assertThat(postfix.mail().awaitOne().text()).contains("Subject: queued");
            Awaitility.await("an empty queue").until(() -> server.queue().isEmpty());
        }
    }

    @Test
    void aSiteIsShownSuspendedAndResumed() throws IOException {
        attempted("leo@later.test");
        String site = "smtp://127.0.0.1:" + LATER;
        assertThat(server.command("site", "list").succeeded().output())
                .startsWith(site + " open: 0 of ")
                .endsWith(" sessions in use, 0 idle, 0 messages wait\n");
        server.command("site", "suspend", "127.0.0.1", "--reason", "case 8").succeeded();
        assertThat(server.command("site", "show", site).succeeded().output())
                .contains("suspended: case 8");
        String id = queued("leo@later.test");
        Awaitility.await("a word about that")
                .until(
                        () ->
                                server.command("queue", "show", id)
                                        .succeeded()
                                        .output()
                                        .contains(site + " is suspended: case 8"));
        assertThat(server.command("site", "resume", site).succeeded().output())
                .isEqualTo(site + " is resumed\n");
        String[] retry = {"queue", "retry", "--where", "reason=\"*suspended*\""};
        assertThat(server.command(retry).succeeded().output()).startsWith("1 messages");
        assertThat(server.command("site", "leave", site).succeeded().output())
                .isEqualTo("0 sessions ended\n");
        assertThat(server.command("site", "show", "nowhere").failed().errors())
                .contains("no mail goes to 'nowhere' now");
    }

    @Test
    void mailForADeadHostIsExplainedHeldAndSentElsewhere() throws IOException {
        String id = attempted("leo@later.test");
        assertThat(server.command("queue", "show", id).succeeded().output())
                .contains("route smtp://127.0.0.1:" + LATER + ", attempts 1")
                .contains("history:")
                .containsPattern("next: \\S+Z at the earliest");
        String[] hold = {
            "queue", "hold", "--where", "domain=later.test reason=*refused*", "--reason", "case 7"
        };
        assertThat(server.command(dry(hold)).succeeded().output())
                .startsWith("1 messages, 1 jobs, ")
                .endsWith(" would change\n");
        assertThat(state()).isEqualTo("scheduled");
        assertThat(server.command(hold).succeeded().output()).endsWith(" changed\n");
        assertThat(state()).isEqualTo("held");
        server.command("queue", "redirect", id, "--to", maildir()).succeeded();
        server.command("queue", "release", "--where", "reason=\"case 7\"").succeeded();
        assertThat(mail().awaitOne().text()).contains("Subject: queued");
        Awaitility.await("an empty queue").until(() -> server.queue().isEmpty());
        assertThat(server.mailLog())
                .containsPattern(
                        "id=" + id + " event=operated at=\\S+ operation=hold who=\\S+ why=\"");
    }

    @Test
    void mailIsReturnedByAnOperatorAndBroughtBack() throws IOException {
        String id = attempted("leo@later.test");
        server.command("queue", "bounce", id, "--text", "it moved away").succeeded();
        assertThat(mail().awaitOne().text()).contains("it moved away");
        Awaitility.await("an empty queue").until(() -> server.queue().isEmpty());
        assertThat(server.command("queue", "list", "--removed").succeeded().output()).contains(id);
        server.command("queue", "undo", id).succeeded();
        assertThat(server.command("queue", "show", id).succeeded().output())
                .contains("brought back");
    }

    @Test
    void whatWasDeletedIsBroughtBackAndDelivered() throws IOException {
        String id = queued("leo@held.test");
        server.command("queue", "delete", "--where", "recipient=leo@held.test").succeeded();
        assertThat(server.queue().isEmpty()).isTrue();
        server.command("queue", "undo", "--where", "sender=mona@*", "--reason", "a mistake")
                .succeeded();
        server.command("queue", "redirect", id, "--to", maildir()).succeeded();
        server.command("queue", "release", id).succeeded();
        assertThat(mail().awaitOne().text()).contains("Subject: queued");
    }

    @Test
    void mailIsTakenToAnotherQueueAndDeliveredFromThere() throws Exception {
        String id = attempted("leo@later.test");
        server.command("queue", "hold", id).succeeded();
        Path archive = directory.resolve("mail.tar");
        String to = archive.toString();
        server.command("queue", "export", id, "--to", directory.resolve("one").toString())
                .succeeded();
        server.command("queue", "export", "--where", "domain=later.test", "--to", to).succeeded();
        assertThat(server.command("queue", "export", id, "--to", to).failed().errors())
                .contains("mail.tar is there already");
        Process tar =
                new ProcessBuilder("tar", "-xOf", to, id + ".eml")
                        .redirectErrorStream(true)
                        .start();
        assertThat(tar.getInputStream().readAllBytes())
                .isEqualTo(Files.readAllBytes(directory.resolve("one/" + id + ".eml")));
        assertThat(server.command("queue", "import", to).failed().errors())
                .contains("there is a message " + id + " already");
        server.terminate();
        Files.move(directory.resolve("data/queue"), directory.resolve("old"));
        assertThat(server.command("queue", "import", to).succeeded().output())
                .startsWith("1 messages, 1 jobs, ");
        server.start();
        assertThat(server.command("queue", "show", id).succeeded().output())
                .contains("attempts 1")
                .contains("refused")
                .contains(": imported");
        server.command("queue", "redirect", id, "--to", maildir()).succeeded();
        server.command("queue", "release", id).succeeded();
        assertThat(mail().awaitOne().text()).contains("Subject: queued");
    }

    private static String[] dry(String... command) {
        String[] all = Arrays.copyOf(command, command.length + 1);
        all[command.length] = "--dry-run";
        return all;
    }

    private String state() {
        return server.queue().getFirst().path("jobs").path(0).path("state").asString();
    }

    private String maildir() {
        return "maildir:" + directory.resolve("mail");
    }

    private Maildir mail() {
        return new Maildir(directory.resolve("mail"));
    }

    /// Sends a message that cannot be delivered now, and returns its id once that was tried.
    private String attempted(String recipient) throws IOException {
        String id = queued(recipient);
        Awaitility.await("a failed attempt")
                .until(() -> server.command("queue", "show", id).said().contains("refused"));
        return id;
    }

    @Test
    void aMessageThatDoesNotExistIsAnErrorThatNamesIt() {
        for (String verb : List.of("show", "retry", "delete")) {
            assertThat(server.command("queue", verb, "Zz0123456789").failed().errors())
                    .contains("Zz0123456789");
        }
    }

    @Test
    void theStatusNamesListenersAndCounts() throws IOException {
        queued("leo@held.test");
        assertThat(server.command("status").succeeded().output())
                .contains(Integer.toString(server.smtpPort()));
        assertThat(server.command("status", "--json").succeeded().output()).startsWith("{");
    }

    @Test
    void aStoppedServerIsAnErrorThatSaysSo() {
        server.terminate();
        assertThat(server.command("status").failed().errors()).isNotBlank();
        assertThat(server.command("queue", "list").failed().errors()).isNotBlank();
    }

    @Test
    void theMailLogHasALinePerEventWithTheMessagesIdFirst() throws IOException {
        Client.SWAKS
                .send(
                        server.smtpPort(),
                        "mona@client.test",
                        List.of("leo@home.test"),
                        Mail.about("logged"))
                .succeeded();
        new Maildir(directory.resolve("mail")).awaitOne();
        Awaitility.await("the last line")
                .untilAsserted(() -> assertThat(server.mailLog()).contains("event=finished"));
        List<String> lines =
                server.mailLog().lines().filter(line -> line.startsWith("id=")).toList();
        assertThat(lines.stream().map(line -> line.split(" ")[0])).containsOnly(first(lines));
        assertThat(lines.stream().map(line -> line.split(" ")[1]))
                .containsExactlyInAnyOrder("event=accepted", "event=delivered", "event=finished");
    }

    private static String first(List<String> lines) {
        return lines.getFirst().split(" ")[0];
    }

    /// Sends a message that stays, and returns its id.
    private String queued(String recipient) throws IOException {
        String said =
                Client.SWAKS
                        .send(
                                server.smtpPort(),
                                "mona@client.test",
                                List.of(recipient),
                                Mail.about("queued"))
                        .succeeded()
                        .output();
        Matcher accepted = ACCEPTED.matcher(said);
        assertThat(accepted.find()).as("the 250 names the message").isTrue();
        String id = accepted.group(1);
        assertThat(server.queue()).anyMatch(it -> it.path("id").asString().equals(id));
        return id;
    }
}
