package org.posthorn.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.SelectedMail;

import java.util.Arrays;
import java.util.List;

import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

class ManagementTest {
    private static final ObjectName NAME = Management.name(QueueMXBean.class);

    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private final AutoCloseable exported =
            new Management(server).export(QueueMXBean.class, new OneMessage());

    @Test
    void namesABeanByItsContract() {
        assertThat(NAME).hasToString("org.posthorn:type=Queue");
        assertThat(server.isRegistered(NAME)).isTrue();
    }

    @Test
    void describesBeanAttributesOperationsAndParameters() throws Exception {
        MBeanInfo info = server.getMBeanInfo(NAME);
        assertThat(info.getDescription()).isEqualTo("What was accepted and is not yet delivered.");
        assertThat(info.getAttributes())
                .anySatisfy(
                        attribute -> {
                            assertThat(attribute.getName()).isEqualTo("Held");
                            assertThat(attribute.getDescription())
                                    .isEqualTo("Jobs that wait for an operator.");
                        });
        MBeanOperationInfo list =
                Arrays.stream(info.getOperations())
                        .filter(operation -> operation.getName().equals("list"))
                        .findFirst()
                        .orElseThrow();
        assertThat(list.getDescription()).startsWith("Returns messages with their selected jobs");
        assertThat(list.getSignature()[2].getName()).isEqualTo("limit");
        assertThat(list.getSignature()[2].getDescription())
                .isEqualTo("How many at the most, 1 to 10000.");
    }

    @Test
    void showsRecordsToClientsThatDoNotKnowThem() throws Exception {
        CompositeData[] messages =
                (CompositeData[])
                        server.invoke(
                                NAME,
                                "list",
                                new Object[] {"*", "", 10},
                                new String[] {
                                    String.class.getName(), String.class.getName(), "int"
                                });
        assertThat(messages[0].get("sender")).isEqualTo("<mona@example.org>");
        assertThat((CompositeData[]) messages[0].get("jobs")).hasSize(1);
    }

    @Test
    void refusesTwoBeansOfOneName() {
        Management management = new Management(server);
        QueueMXBean other = new OneMessage();
        assertThatThrownBy(() -> management.export(QueueMXBean.class, other))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("org.posthorn:type=Queue cannot be exported");
    }

    @Test
    void takesABeanBack() throws Exception {
        exported.close();
        assertThat(server.isRegistered(NAME)).isFalse();
    }

    /// A queue that has one message, always.
    static final class OneMessage implements QueueMXBean {
        private static final SelectedMail NONE = new SelectedMail(0, 0, 0);
        private static final SelectedMail ONE = new SelectedMail(1, 1, 1_234);

        static final QueueEntry MESSAGE =
                new QueueEntry(
                        "7Kx0000001",
                        "<mona@example.org>",
                        1_234,
                        "2026-01-01T12:00:00Z",
                        List.of(),
                        List.of(
                                new QueueEntry.QueuedJob(
                                        0,
                                        "example.net",
                                        "scheduled",
                                        "the last attempt was deferred",
                                        "mx",
                                        "2026-01-01T12:05:00Z",
                                        "2026-01-01T12:05:00Z",
                                        1,
                                        List.of(
                                                new QueueEntry.QueuedRecipient(
                                                        "leo@example.net", "451 4.3.0 Later")),
                                        List.of())));

        @Override
        public long getMessages() {
            return 1;
        }

        @Override
        public long getJobs() {
            return 1;
        }

        @Override
        public long getActive() {
            return 0;
        }

        @Override
        public long getHeld() {
            return 0;
        }

        @Override
        public long getRemovedOctets() {
            return 0;
        }

        @Override
        public List<QueueEntry> list(String where, String after, int limit) {
            return after.isEmpty() ? List.of(MESSAGE) : List.of();
        }

        @Override
        public List<QueueEntry> show(String id) {
            return id.equals(MESSAGE.id()) ? List.of(MESSAGE) : List.of();
        }

        @Override
        public List<QueueEntry> removed(String where, String after, int limit) {
            return List.of();
        }

        @Override
        public SelectedMail count(String where) {
            return where.equals(MESSAGE.id()) ? ONE : NONE;
        }

        @Override
        public SelectedMail countClosed(String where) {
            return NONE;
        }

        @Override
        public SelectedMail countRemoved(String where) {
            return NONE;
        }

        @Override
        public SelectedMail retry(String where, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail hold(String where, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail release(String where, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail redirect(String where, String route, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail due(String where, String when, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail bounce(String where, String text, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail delete(String where, String who, String why) {
            return count(where);
        }

        @Override
        public SelectedMail undo(String where, String who, String why) {
            return NONE;
        }
    }
}
