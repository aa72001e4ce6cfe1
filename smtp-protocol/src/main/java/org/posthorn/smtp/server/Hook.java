package org.posthorn.smtp.server;

import org.posthorn.api.plugin.SessionHooks;

import java.util.Arrays;

/// The hooks of a session, and which of them a class overrides: others are never called.
enum Hook {
    CONNECT("connect", 1),
    EHLO("ehlo", 2),
    MAIL("mail", 4),
    RCPT("rcpt", 8),
    DATA("data", 16),
    MESSAGE("message", 32),
    MESSAGE_FOR("messageFor", 64),
    CLOSE("close", 128);

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

    private final String method;
    private final int bit;

    Hook(String method, int bit) {
        this.method = method;
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
        return method;
    }

    private boolean overriddenBy(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .anyMatch(
                        method ->
                                method.getName().equals(method())
                                        && method.getDeclaringClass() != SessionHooks.class);
    }
}
