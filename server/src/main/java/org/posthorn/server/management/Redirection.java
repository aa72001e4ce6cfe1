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
        routes.check(route);
    }
}
