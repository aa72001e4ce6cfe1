package org.posthorn.smtp.rate;

import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Counts events by their keys over a sliding time, in memory that is taken once and never grows.
/// Safe for use by many threads.
///
/// A key has its place in one of many rows of eight, by a secret hash, so that nobody can choose
/// whom to meet there. Where a row is full, the key that was seen least makes room and is
/// forgotten: however many keys strangers come with, who did much is remembered longest. A count is
/// never too high because of another key.
///
/// The time slides: of the period before the current one, as much counts as has not yet passed
/// since, as if its events had been spread evenly.
public final class RateCounter {
    private static final int ROW = 8;
    private static final int LOCKS = 64;

    private final long period;
    private final InstantSource clock;
    private final long secret;
    private final int rows;
    private final long[] keys;
    private final int[] periods;
    private final int[] current;
    private final int[] previous;
    private final Object[] locks = IntStream.range(0, LOCKS).mapToObj(_ -> new Object()).toArray();

    /// Makes one.
    ///
    /// @param places how many keys it remembers at most, rounded up; each takes 20 octets
    /// @param period over which events are counted
    /// @param clock gives the time
    /// @param random gives the secret
    /// @throws IllegalArgumentException when there is no place, or the period is below 1 ms
    public RateCounter(int places, Duration period, InstantSource clock, RandomGenerator random) {
        if (places < 1 || period.toMillis() < 1) {
            throw new IllegalArgumentException("at least one place, and 1 ms");
        }
        this.period = period.toMillis();
        this.clock = clock;
        this.secret = random.nextLong();
        this.rows = Integer.highestOneBit(Math.ceilDiv(places, ROW) * 2 - 1);
        this.keys = new long[rows * ROW];
        this.periods = new int[rows * ROW];
        this.current = new int[rows * ROW];
        this.previous = new int[rows * ROW];
    }

    /// Returns a key for a name, such as that of an account.
    public long key(CharSequence name) {
        long hash = secret;
        for (int i = 0; i < name.length(); i++) {
            hash = mixed(hash + name.charAt(i) + 1);
        }
        return hash;
    }

    /// Counts an event.
    ///
    /// @return how many there were in the period, with this one
    public int add(long key) {
        return add(key, 1);
    }

    /// Counts events.
    ///
    /// @param events how many, not negative
    /// @return how many there were in the period, with these
    public int add(long key, int events) {
        int row = row(key);
        synchronized (lock(row)) {
            long now = clock.millis();
            int place = place(row, key, now);
            if (place < 0) {
                place = leastSeen(row, now);
                keys[place] = key;
                previous[place] = 0;
                current[place] = 0;
            }
            previous[place] = before(place, now);
            current[place] = Math.min(inThis(place, now), Integer.MAX_VALUE - events) + events;
            periods[place] = index(now);
            return sum(place, now);
        }
    }

    /// Returns how many events there were in the period.
    public int count(long key) {
        int row = row(key);
        synchronized (lock(row)) {
            long now = clock.millis();
            int place = place(row, key, now);
            return place < 0 ? 0 : sum(place, now);
        }
    }

    private int row(long key) {
        return (int) (mixed(key ^ secret) & rows - 1) * ROW;
    }

    private Object lock(int row) {
        return locks[row / ROW % LOCKS];
    }

    /// Returns where a key has counts, or -1.
    private int place(int row, long key, long now) {
        for (int place = row; place < row + ROW; place++) {
            if (keys[place] == key && sum(place, now) > 0) {
                return place;
            }
        }
        return -1;
    }

    private int leastSeen(int row, long now) {
        int least = row;
        for (int place = row + 1; place < row + ROW; place++) {
            if (sum(place, now) < sum(least, now)) {
                least = place;
            }
        }
        return least;
    }

    private int sum(int place, long now) {
        long passed = Math.floorMod(now, period);
        long before = before(place, now) * (period - passed) / period;
        return (int) Math.min(Integer.MAX_VALUE, before + inThis(place, now));
    }

    private int inThis(int place, long now) {
        return periods[place] == index(now) ? current[place] : 0;
    }

    private int before(int place, long now) {
        return switch (index(now) - periods[place]) {
            case 0 -> previous[place];
            case 1 -> current[place];
            default -> 0;
        };
    }

    private int index(long now) {
        return (int) Math.floorDiv(now, period);
    }

    /// The finishing steps of SplitMix64: each bit of the input moves half of the output's.
    private static long mixed(long bits) {
        long a = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
        return b ^ b >>> 31;
    }
}
