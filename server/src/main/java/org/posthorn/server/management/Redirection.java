package org.posthorn.server.management;

import org.posthorn.delivery.Routes;

/// Where operators can send mail instead of where the route table says.
public final class Redirection {
    private Redirection() {}

    /// Checks a place.
    ///
    /// @throws IllegalArgumentException saying what was expected, or which operation is meant
    public static void check(String route, Routes routes) {
        if (route.equals("hold")) {
            throw new IllegalArgumentException(
                    "route: mail is not redirected to hold: use the operation hold");
        }
        if (route.equals("discard")) {
            throw new IllegalArgumentException(
                    "route: mail is not redirected to discard, from where nothing is brought back:"
                            + " use the operation delete");
        }
        if (route.startsWith("pipe:") && !routes.knows(route)) {
            throw new IllegalArgumentException(
                    "route: mail is given to no program but those of the route table: " + route);
        }
        routes.check(route);
    }

    /// Checks a place that mail from another queue brings with it: nothing is written where the
    /// route table does not say so.
    ///
    /// @throws IllegalArgumentException as the other method
    public static void checkForeign(String route, Routes routes) {
        if (route.startsWith("maildir:") && !routes.knows(route)) {
            throw new IllegalArgumentException(
                    "route: only a maildir of the route table can be brought along: " + route);
        }
        check(route, routes);
    }
}
