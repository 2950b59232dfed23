/* slowlink: a slow and lossy line between two network namespaces.
 *
 *     slowlink [-r BITS] [-d MS] [-p PERCENT] [-q BYTES] NAMESPACE NAMESPACE
 *
 *     -r  bits a second, each way (1000000)   -d  later by so much, each way (50)
 *     -p  of the packets get lost (0)         -q  bytes that wait at most (32768);
 *                                                 what comes on top is lost
 *
 * Makes an interface "line" in each of the two (as `ip netns add` makes them) and
 * passes packets between these until it is killed; then they are gone. Says
 * "ready" when they are there; giving them addresses is the caller's. Needs the
 * rights to do so, and /dev/net/tun. Which packets are lost is always the same. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX 2048
#define PACKETS 1024 /* on their way, a power of two */

struct packet {
    int64_t due_ns; /* at the other end */
    size_t len;
    unsigned char bytes[PACKET_MAX];
};

struct way {
    int from, to;
    size_t first, last; /* of the ring, ever increasing */
    int64_t free_ns;    /* when the line is free again */
    struct packet ring[PACKETS];
};

struct line {
    double ns_per_byte;
    int64_t delay_ns;
    double loss; /* 0 to 1 */
    int64_t queue_ns;
    uint32_t random;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int die(const char *what)
{
    fprintf(stderr, "slowlink: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* An interface "line" in that namespace, to be read and written from here. */
static int line_open(const char *name)
{
    char path[128];
    struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    snprintf(path, sizeof path, "/run/netns/%s", name);
    snprintf(request.ifr_name, sizeof request.ifr_name, "line");
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace < 0 || setns(namespace, CLONE_NEWNET) != 0) {
        die(path);
    }
    close(namespace);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) {
        die("/dev/net/tun");
    }
    return fd;
}

static bool is_lost(struct line *line)
{
    line->random ^= line->random << 13; /* xorshift */
    line->random ^= line->random >> 17;
    line->random ^= line->random << 5;
    return line->random < line->loss * 4294967295.0;
}

/* Takes what has been sent. */
static void take(struct line *line, struct way *way)
{
    for (;;) {
        struct packet *p = &way->ring[way->last % PACKETS];
        unsigned char spare[PACKET_MAX];
        bool full = way->last - way->first == PACKETS;
        ssize_t n = read(way->from, full ? spare : p->bytes, PACKET_MAX);
        int64_t now = now_ns();
        if (n <= 0) {
            return;
        }
        if (full || way->free_ns - now > line->queue_ns) {
            continue;
        }
        way->free_ns =
            (way->free_ns > now ? way->free_ns : now) + (int64_t)((double)n * line->ns_per_byte);
        if (!is_lost(line)) {
            p->due_ns = way->free_ns + line->delay_ns;
            p->len = (size_t)n;
            way->last++;
        }
    }
}

/* Hands over what has arrived; the next is due then, at most `until`. */
static int64_t hand_over(struct way *way, int64_t until)
{
    for (; way->first != way->last; way->first++) {
        const struct packet *p = &way->ring[way->first % PACKETS];
        if (p->due_ns > now_ns()) {
            return p->due_ns < until ? p->due_ns : until;
        }
        if (write(way->to, p->bytes, p->len) < 0 && errno != EINVAL && errno != EIO) {
            die("write");
        }
    }
    return until;
}

static void pass(struct line *line, struct way ways[2])
{
    for (;;) {
        int64_t next = now_ns() + INT64_C(1000000000);
        next = hand_over(&ways[0], next);
        next = hand_over(&ways[1], next);
        int64_t wait = next - now_ns();
        struct timespec timeout = { 0, wait > 0 ? (long)(wait % INT64_C(1000000000)) : 0 };
        struct pollfd fds[2] = { { ways[0].from, POLLIN, 0 }, { ways[1].from, POLLIN, 0 } };
        if (ppoll(fds, 2, &timeout, NULL) < 0 && errno != EINTR) {
            die("ppoll");
        }
        take(line, &ways[0]);
        take(line, &ways[1]);
    }
}

int main(int argc, char **argv)
{
    static struct way ways[2];
    struct line line = { .delay_ns = 50000000, .random = 2463534242u };
    double rate = 1e6;
    double queue = 32768;
    for (int c; (c = getopt(argc, argv, "r:d:p:q:")) != -1;) {
        double value = optarg ? atof(optarg) : -1;
        if (c == 'r' && value > 0) {
            rate = value;
        } else if (c == 'd' && value >= 0) {
            line.delay_ns = (int64_t)(value * 1e6);
        } else if (c == 'p' && value >= 0) {
            line.loss = value / 100;
        } else if (c == 'q' && value > 0) {
            queue = value;
        } else {
            return 2;
        }
    }
    if (argc - optind != 2) {
        fputs("slowlink: two namespaces, please\n", stderr);
        return 2;
    }
    line.ns_per_byte = 8e9 / rate;
    line.queue_ns = (int64_t)(queue * line.ns_per_byte);
    ways[0].from = ways[1].to = line_open(argv[optind]);
    ways[1].from = ways[0].to = line_open(argv[optind + 1]);
    puts("ready");
    fflush(stdout);
    pass(&line, ways);
}
