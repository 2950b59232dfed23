#include "term/link.h"

#define MS 1000000

/* Fewer tell nothing but the round trip. */
#define BYTES_LEAST 4096

/* Before anything is known of its speed, a link with a delay like that is taken
 * for one over which bytes are dear. */
#define FAR_NS (20 * MS)
#define FAR_BYTES ((size_t)48 << 10)

/* Bytes of a picture in a pane of usual size at the best and the default level,
 * and how long these may take there. A level is left again at some more or less
 * than that, lest it change with each picture. */
#define BEST_BYTES 220e3
#define BEST_NS (1.0 * MS)
#define DEFAULT_BYTES 140e3
#define DEFAULT_NS (150.0 * MS)
#define STAY 1.6

/* What a picture may take, whatever the level: two a second, and time to see
 * them. */
#define PICTURE_NS (250.0 * MS)
#define TOO_LONG 1.2 /* at which a budget is cut at once */
#define BUDGET_LEAST ((size_t)6 << 10)
#define BUDGET_MOST ((size_t)1 << 20)

void link_init(struct link *link, int64_t round_trip_ns)
{
    bool far = round_trip_ns >= FAR_NS;
    *link = (struct link){ .round_trip_ns = round_trip_ns,
                           .level = far ? LEVEL_SLOW : LEVEL_DEFAULT,
                           .max_bytes = far ? FAR_BYTES : 0 };
}

static enum level level_for(const struct link *link)
{
    double best = link->ns_per_byte * BEST_BYTES;
    double usual = link->ns_per_byte * DEFAULT_BYTES;
    if (best <= (link->level == LEVEL_BEST ? BEST_NS * STAY : BEST_NS)) {
        return LEVEL_BEST;
    }
    if (usual > (link->level == LEVEL_SLOW ? DEFAULT_NS / STAY : DEFAULT_NS)) {
        return LEVEL_SLOW;
    }
    return LEVEL_DEFAULT;
}

/* Of steps of about a half; the one in use stays while it is not too far off. */
static size_t budget_for(const struct link *link)
{
    double fits = PICTURE_NS / link->ns_per_byte;
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

bool link_answered(struct link *link, size_t bytes, int64_t ns)
{
    /* What a picture takes is no round trip, unless that was said to be longer. */
    if (link->round_trip_ns < 0 ? bytes < BYTES_LEAST : ns < link->round_trip_ns) {
        link->round_trip_ns = ns;
    }
    if (bytes < BYTES_LEAST) {
        return false;
    }
    int64_t round_trip = link->round_trip_ns < 0 ? 0 : link->round_trip_ns;
    double took = (double)(ns - round_trip) / (double)bytes;
    took = took > 0.01 ? took : 0.01;
    link->ns_per_byte = link->ns_per_byte > 0.0 ? (link->ns_per_byte + took) / 2 : took;
    enum level level = level_for(link);
    size_t budget = budget_for(link);
    bool changed = level != link->level || budget != link->max_bytes;
    link->level = level;
    link->max_bytes = budget;
    return changed;
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
