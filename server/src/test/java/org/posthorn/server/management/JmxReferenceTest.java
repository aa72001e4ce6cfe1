package org.posthorn.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.config.Help;
import org.posthorn.server.GeneratedPage;
import org.posthorn.server.mxbean.DeliveryMXBean;
import org.posthorn.server.mxbean.ListenersMXBean;
import org.posthorn.server.mxbean.OutgoingTlsMXBean;
import org.posthorn.server.mxbean.PluginsMXBean;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.ServerMXBean;
import org.posthorn.server.mxbean.SitesMXBean;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.server.mxbean.TlsMXBean;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// `docs/jmx.md` is made of the contracts, so that it is never wrong.
class JmxReferenceTest {
    private static final List<Class<?>> CONTRACTS =
            List.of(
                    ServerMXBean.class,
                    ListenersMXBean.class,
                    QueueMXBean.class,
                    StoreMXBean.class,
                    DeliveryMXBean.class,
                    SitesMXBean.class,
                    OutgoingTlsMXBean.class,
                    PluginsMXBean.class,
                    TlsMXBean.class);

    private static final String HEAD =
            """
            # JMX

            The server is managed by MXBeans. `posthorn status` and `posthorn queue` use them, and so
            can any JMX client on the same machine, such as `jconsole`:

            - address: `service:jmx:rmi:///jndi/rmi://127.0.0.1:2590/jmxrmi` (`jmx` in the
              [configuration](configuration.md)),
            - user and password: in `jmx/credentials` of the data directory, as `USER:PASSWORD`. The
              file is made at the first start and is for the server's own user; to change the
              password, remove the file and restart.

            It listens on a loopback address only, takes no classes from the wire but those that
            arguments are made of, and lets nobody register or remove beans.

            What a selection is, and what each operation on the queue does, is said in
            [Operating the queue](operating.md). What it does to a message is written to the mail log as
            `event=operated`, with `who` and `why`.

            This page is made from the program.
            """;

    private final StringBuilder page = new StringBuilder(HEAD);

    @Test
    void pageListsEveryBean() throws IOException {
        CONTRACTS.forEach(this::write);
        GeneratedPage.check("jmx.md", page.toString());
    }

    @Test
    void everythingIsExplained() {
        for (Class<?> contract : CONTRACTS) {
            assertThat(contract.isAnnotationPresent(Help.class)).as(contract.toString()).isTrue();
            for (Method method : contract.getMethods()) {
                assertThat(method.isAnnotationPresent(Help.class)).as(method.toString()).isTrue();
                for (Parameter parameter : method.getParameters()) {
                    assertThat(parameter.isAnnotationPresent(Help.class))
                            .as("%s of %s", parameter, method)
                            .isTrue();
                }
            }
        }
    }

    private void write(Class<?> contract) {
        page.append("\n## `").append(Management.name(contract)).append("`\n\n");
        page.append(contract.getAnnotation(Help.class).value()).append("\n\n");
        page.append("| attribute | type | meaning |\n|---|---|---|\n");
        methods(contract).filter(JmxReferenceTest::isGetter).forEach(this::attribute);
        List<Method> operations = methods(contract).filter(it -> !isGetter(it)).toList();
        if (!operations.isEmpty()) {
            page.append("\n| operation | returns | meaning |\n|---|---|---|\n");
            operations.forEach(this::operation);
        }
        Set<Class<?>> records = records(contract);
        if (!records.isEmpty()) {
            page.append("\nWhere `{...}` is:\n\n");
            records.forEach(this::fields);
        }
    }

    private static java.util.stream.Stream<Method> methods(Class<?> contract) {
        return Arrays.stream(contract.getMethods()).sorted(Comparator.comparing(Method::getName));
    }

    private static boolean isGetter(Method method) {
        return method.getName().startsWith("get");
    }

    private void attribute(Method getter) {
        row(getter.getName().substring(3), getter);
    }

    private void operation(Method method) {
        String parameters =
                Arrays.stream(method.getParameters())
                        .map(it -> it.getName() + ": " + name(it.getParameterizedType()))
                        .collect(Collectors.joining(", "));
        row(method.getName() + "(" + parameters + ")", method);
    }

    private void row(String name, Method method) {
        String help = method.getAnnotation(Help.class).value();
        String type = name(method.getGenericReturnType());
        page.append("| `%s` | %s | %s |\n".formatted(name, type, help));
    }

    private void fields(Class<?> type) {
        String fields =
                Arrays.stream(type.getRecordComponents())
                        .map(it -> "`" + it.getName() + "`: " + name(it.getGenericType()))
                        .collect(Collectors.joining(", "));
        page.append("- ").append(type.getSimpleName()).append(": ").append(fields).append("\n");
    }

    private static String name(Type type) {
        return switch (type) {
            case ParameterizedType list -> "list of " + name(list.getActualTypeArguments()[0]);
            case Class<?> plain when plain.isRecord() -> plain.getSimpleName() + " {...}";
            case Class<?> plain when plain == String.class -> "text";
            case Class<?> plain -> plain.getSimpleName();
            default -> throw new AssertionError(type);
        };
    }

    private static Set<Class<?>> records(Class<?> contract) {
        Set<Class<?>> found = new LinkedHashSet<>();
        Deque<Type> types =
                methods(contract)
                        .map(Method::getGenericReturnType)
                        .collect(Collectors.toCollection(ArrayDeque::new));
        while (!types.isEmpty()) {
            switch (types.poll()) {
                case ParameterizedType list -> types.addFirst(list.getActualTypeArguments()[0]);
                case Class<?> plain when plain.isRecord() && found.add(plain) ->
                        Arrays.stream(plain.getRecordComponents())
                                .map(RecordComponent::getGenericType)
                                .forEach(types::add);
                default -> {}
            }
        }
        return found;
    }
}
