/* The estimate of the link: see term/link.h. */
#include "term/link.h"

#include <stdlib.h>

#define MS 1000000

/* Fewer bytes only measure the round trip. */
#define BYTES_LEAST 2048

/* A round trip that makes a trial worth its time: no terminal on this machine is this slow,
 * unless it is just starting or waits for the processor. */
#define FAR_NS (20 * MS)

#define NETWORK_MS 1500 /* time limit of a terminal's replies over a network */

/* Bytes of a picture in a pane of usual size at the best and the default level, and how
 * long they may take. STAY is the hysteresis, so that the level does not change with each
 * picture. */
#define BEST_BYTES 220e3
#define BEST_NS (1.0 * MS)
#define DEFAULT_BYTES 140e3
#define DEFAULT_NS (150.0 * MS)
#define STAY 1.6

/* How long a picture may take at any level: two pictures per second, with time to look at
 * them. */
#define PICTURE_NS (250.0 * MS)
#define TOO_LONG 1.2 /* a picture that takes this many times as long cuts the budget */
#define BUDGET_LEAST ((size_t)6 << 10)
#define BUDGET_MOST ((size_t)1 << 20)
#define FASTER_MOST 4.0 /* most speed-up of a slow link by a single picture */

/* Trials. A link is slow if both halves of a round take longer than a wait for a processor
 * explains, and about equally long; in two rounds if there is no sign of a network. A round
 * that takes less is repeated with more bytes, up to TRIAL_LAST. If only one half is long,
 * something waited: for a processor, or for the other half in the same packet. */
#define TRIAL_FIRST ((size_t)4 << 10)
#define TRIAL_MORE 4
#define TRIAL_LAST ((size_t)64 << 10)
#define TRIAL_NS (40 * MS)
#define TRIAL_ALIKE 3.0
#define TRIALS_MOST 5
#define LONG_NS (600 * MS) /* a single picture that takes longer raises doubt */
#define CALM_FIRST 3
#define CALM_MOST 96

void link_init(struct link *link, int64_t round_trip_ns, bool local)
{
    *link = (struct link){ .round_trip_ns = round_trip_ns,
                           .level = LEVEL_DEFAULT,
                           .local = local,
                           .doubt = round_trip_ns >= FAR_NS,
                           .calm_next = CALM_FIRST };
}

bool link_is_local(void)
{
    return !getenv("SSH_CONNECTION") && !getenv("SSH_CLIENT") && !getenv("SSH_TTY");
}

int link_patience_ms(int ms, bool said)
{
    return said || link_is_local() || ms > NETWORK_MS ? ms : NETWORK_MS;
}

/* ------------------------------------------------------------- what suits it */

static enum level level_for(const struct link *link, double ns_per_byte)
{
    double usual = ns_per_byte * DEFAULT_BYTES;
    return usual > (link->level == LEVEL_SLOW ? DEFAULT_NS / STAY : DEFAULT_NS) ? LEVEL_SLOW
                                                                                : LEVEL_DEFAULT;
}

/* The byte budget of a picture, in steps of a half; 0: no limit. The current budget stays
 * while it is not too far off. */
static size_t budget_for(const struct link *link, double ns_per_byte)
{
    double fits = PICTURE_NS / ns_per_byte;
    if (link->max_bytes && fits >= (double)link->max_bytes / TOO_LONG &&
        fits <= (double)link->max_bytes * STAY) {
        return link->max_bytes;
    }
    size_t budget = BUDGET_LEAST;
    while (budget < BUDGET_MOST && (double)budget * 1.5 <= fits) {
        budget += budget / 2;
    }
    return budget < BUDGET_MOST ? budget : 0;
}

/* True when each of the latest pictures was fast enough for the best level. */
static bool is_best(const struct link *link)
{
    double most = link->level == LEVEL_BEST ? BEST_NS * STAY : BEST_NS;
    for (int i = 0; i < LINK_RECENT; i++) {
        if (link->recent[i] * BEST_BYTES > most) {
            return false;
        }
    }
    return link->samples >= LINK_RECENT;
}

/* Sets level and budget. True when either has changed. */
static bool suit(struct link *link)
{
    enum level level = link->slow      ? level_for(link, link->ns_per_byte)
                       : is_best(link) ? LEVEL_BEST
                                       : LEVEL_DEFAULT;
    size_t budget = link->slow ? budget_for(link, link->ns_per_byte) : 0;
    bool changed = level != link->level || budget != link->max_bytes;
    link->level = level;
    link->max_bytes = budget;
    return changed;
}

/* --------------------------------------------------------------- pictures */

static double least_recent(const struct link *link)
{
    int count = link->samples < LINK_RECENT ? link->samples : LINK_RECENT;
    double least = link->recent[0];
    for (int i = 1; i < count; i++) {
        least = link->recent[i] < least ? link->recent[i] : least;
    }
    return least;
}

/* True when the measured speed would reduce the quality of pictures, if the link and not
 * the terminal causes it. */
static bool seems_slow(const struct link *link, bool was_long)
{
    return (link->samples >= LINK_RECENT || was_long) &&
           (level_for(link, link->ns_per_byte) == LEVEL_SLOW ||
            budget_for(link, link->ns_per_byte) > 0);
}

/* Raises doubt if the link seems slow, unless a trial has recently shown that it is not. */
static void wonder(struct link *link, bool was_long)
{
    if (!seems_slow(link, was_long)) {
        link->slow = link->slow && link->samples < LINK_RECENT;
    } else if (!link->slow && link->calm) {
        link->calm--;
    } else {
        link->doubt = !link->slow;
    }
}

bool link_answered(struct link *link, size_t bytes, int64_t ns)
{
    /* A picture does not update the round trip, except to lower it; then it gives no
     * estimate of the speed. */
    if (link->round_trip_ns < 0 ? bytes < BYTES_LEAST : ns < link->round_trip_ns) {
        link->round_trip_ns = ns;
        return false;
    }
    if (bytes < BYTES_LEAST) {
        return false;
    }
    int64_t round_trip = link->round_trip_ns < 0 ? 0 : link->round_trip_ns;
    double took = (double)(ns - round_trip) / (double)bytes;
    took = took > 0.01 ? took : 0.01;
    if (link->slow && took < link->ns_per_byte / FASTER_MOST) {
        took = link->ns_per_byte / FASTER_MOST;
    }
    link->recent[link->samples++ % LINK_RECENT] = took;
    link->ns_per_byte = least_recent(link);
    wonder(link, ns - round_trip >= LONG_NS);
    return suit(link);
}

/* ----------------------------------------------------------------- trials */

void link_try(struct link *link)
{
    link->trial = (struct link_trial){ .bytes = TRIAL_FIRST };
}

size_t link_trial(const struct link *link)
{
    return link->trial.bytes;
}

void link_give_up_trial(struct link *link)
{
    link->trial.bytes = 0;
    link->doubt = false;
}

static void settle(struct link *link, bool slow)
{
    link_give_up_trial(link);
    link->slow = slow;
    if (slow || !link->samples) {
        link->ns_per_byte = link->trial.ns_per_byte;
        link->samples = 0;
        link->calm_next = CALM_FIRST;
    }
    if (slow) {
        link->recent[link->samples++] = link->ns_per_byte;
    } else {
        link->calm = link->calm_next;
        link->calm_next = 2 * link->calm < CALM_MOST ? 2 * link->calm : CALM_MOST;
    }
    suit(link);
}

void link_tried(struct link *link, int64_t round_trip_ns, int64_t first_ns, int64_t second_ns)
{
    struct link_trial *t = &link->trial;
    int64_t least = first_ns < second_ns ? first_ns : second_ns;
    int64_t most = first_ns < second_ns ? second_ns : first_ns;
    double took = (double)(least + most + 1) / 2.0 / (double)t->bytes;
    bool alike = (double)most <= TRIAL_ALIKE * (double)least;
    bool short_ones = most < TRIAL_NS || (alike && least < TRIAL_NS);
    bool small = (double)most / (double)t->bytes * (double)TRIAL_LAST < TRIAL_NS;
    if (link->round_trip_ns < 0 || round_trip_ns < link->round_trip_ns) {
        link->round_trip_ns = round_trip_ns;
    }
    t->ns_per_byte = !t->ns_per_byte || took < t->ns_per_byte ? took : t->ns_per_byte;
    t->rounds += least >= TRIAL_NS && alike;
    t->tries++;
    if (t->rounds >= (link->local ? 2 : 1)) {
        settle(link, true);
    } else if (small || (short_ones && t->bytes >= TRIAL_LAST)) {
        settle(link, false);
    } else if (t->tries >= TRIALS_MOST) {
        settle(link, !link->local && t->ns_per_byte * (double)t->bytes >= TRIAL_NS);
    } else if (short_ones) {
        t->bytes *= TRIAL_MORE;
    } /* else the halves differ, or a second slow round is needed: repeat */
}

double link_speed(const struct link *link)
{
    return link->ns_per_byte > 0.0 ? 1e9 / link->ns_per_byte : 0.0;
}

const char *level_name(enum level level)
{
    static const char *const names[LEVEL_COUNT] = { "best", "default", "slow", "least" };
    return names[level];
}
