package org.posthorn.smtp.server;

import org.posthorn.api.plugin.SessionHooks;

import java.util.Arrays;
import java.util.Locale;

/// The hooks of a session, and which of them a class overrides: others are never called.
enum Hook {
    CONNECT(1),
    EHLO(2),
    MAIL(4),
    RCPT(8),
    DATA(16),
    MESSAGE(32),
    CLOSE(64);

    /// One bit per hook, found once per class.
    private static final ClassValue<Integer> OVERRIDDEN =
            new ClassValue<>() {
                @Override
                protected Integer computeValue(Class<?> type) {
                    return Arrays.stream(values())
                            .filter(hook -> hook.overriddenBy(type))
                            .mapToInt(Hook::bit)
                            .sum();
                }
            };

    private final int bit;

    Hook(int bit) {
        this.bit = bit;
    }

    /// Returns the bits of all hooks that some hooks' class overrides.
    static int overridden(SessionHooks hooks) {
        return OVERRIDDEN.get(hooks.getClass());
    }

    int bit() {
        return bit;
    }

    /// Returns the name of the method, for an operator.
    String method() {
        return name().toLowerCase(Locale.ROOT);
    }

    private boolean overriddenBy(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .anyMatch(
                        method ->
                                method.getName().equals(method())
                                        && method.getDeclaringClass() != SessionHooks.class);
    }
}
