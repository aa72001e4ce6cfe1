package org.posthorn.delivery;

/// How much was done since the start. Immutable.
///
/// @param active attempts that run now
/// @param delivered recipients delivered to
/// @param deferred outcomes that mean another attempt
/// @param failed recipients given up
/// @param bounces bounces committed
/// @param doubleBounces bounces that could not be delivered, and that the operator was told of
/// @param discardedBounces bounces that could not be delivered, and that nobody was told of
/// @param unsettled settlements that the store could not write, and that are tried again
public record DeliveryCounters(
        long active,
        long delivered,
        long deferred,
        long failed,
        long bounces,
        long doubleBounces,
        long discardedBounces,
        long unsettled) {}
