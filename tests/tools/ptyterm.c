/* ptyterm: a sixel terminal without a window, to drive a program and time it.
 *
 *     ptyterm [-g COLSxROWS] [-c WxH] [-r BYTES] [-l MS [-k EVERY,MS]] [-d DIR] [-f]
 *             [-N NAME] [-w FILE] [-n] [-u] [-b COLOR] [-s SCRIPT] COMMAND [ARG…]
 *
 *     -g  size in cells (100x30)         -c  size of a cell in pixels (10x20)
 *     -r  take at most so many bytes of output a second; 0: as fast as they come
 *     -l  a link lies between: all comes late by so much, both ways, and what the
 *         program writes, up to 2 MB, is taken at once and waits for the link, as
 *         ssh does
 *     -k  every so often nothing comes through for MS, and then all that waited,
 *         as where a packet is lost and sent again
 *     -d  keep the pictures there as 1.six, 2.six, …, and where they were drawn,
 *         as WxH+X+Y in pixels, as 1.at, 2.at, …
 *     -N  the name that it gives (ptyterm)
 *     -f  what CSI 5n ends is a picture, as pictures made of text do
 *     -w  keep all that the program writes there
 *     -n  never answers anything        -b  of its background, as OSC 11 tells it
 *     -s  the script; standard input without it
 *     -u  tell what the program used: the line "used"
 *
 * Runs COMMAND on a pseudo-terminal of its own, answers what xterm -ti vt340
 * answers (DA1 with 4, XTSMGRAPHICS, XTVERSION, CSI 14/16 t, CSI 5/6 n), throws
 * the text away and notes each sixel picture when its last byte has been read.
 * The script, a line a step, # for comments:
 *
 *     wait picture N [MS]     until N pictures have come since the start
 *     wait ready [MS]         until a key would count, see below
 *     wait quiet MS [MS]      until nothing has come or was typed for so long
 *     wait end [MS]           until the program has ended
 *     key NAME…               keys by name (1 a Q space enter esc left ctrl-l …)
 *     every MS N NAME…        N keys, one every MS, round and round the names
 *     bytes TEXT              these, as they are: \\e is ESC, \\xHH any byte
 *     resize COLSxROWS        and SIGWINCH
 *     rate BYTES              as -r, from now on
 *     signal NAME             HUP, INT, TERM, KILL, WINCH, TSTP, CONT, SEGV, …
 *     stop                    takes no more bytes
 *     pause MS                lets time pass
 *     lose                    the next CSI 5n is not answered
 *     hangup                  the terminal goes away
 *
 * A wait lasts 10 s at most unless it says how long. Behind the last line the
 * program has 10 s to end. What it prints (times since the start):
 *
 *     picture 3 at 812.345 ms bytes 134567 hash 0123456789abcdef after 2.345 ms
 *     key 1 at 815.000 ms on 3
 *     exit 0                  or: killed 9
 *     used 812 ms 40960 KiB   with -u: its processor time, all threads, its peak memory
 *     modes same              or: changed, the terminal's modes after the end
 *
 *     seeing 3                ahead of a key that comes behind another: that picture was
 *                             still to be seen when the key was pressed
 *
 * "after": from writing the latest key to reading the picture's last byte; left
 * out when there was a picture since. "on N": that key was pressed when picture
 * N was complete, its CSI 5n, if it came, answered, and no key sent since; "on
 * 0": too early for any picture to be seen. The hash is that of the sixel bytes.
 * Exit status: 0; 1 the script did not work out; 2 usage. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pty.h>
#include <utmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))
#define MS 1000000LL
#define PATIENCE_MS 10000
#define LINK_BYTES (2 << 20) /* that wait for the link, at most */
#define PACKET_BYTES 1400
#define HASH_SEED 0xcbf29ce484222325u
#define HASH_PRIME 0x100000001b3u

enum parser_state { GROUND, ESCAPE, CSI, DCS, DCS_BODY, DCS_ESCAPE, OSC, OSC_ESCAPE };

/* What is on its way, in order. */
struct packet {
    struct packet *next;
    int64_t due_ns;
    size_t len;
    unsigned char bytes[];
};

struct way {
    struct packet *first, *last;
    size_t bytes;
    int64_t free_ns; /* when the latest packet has gone out */
};

struct link {
    bool there;
    int64_t latency_ns;
    int64_t stall_every_ns, stall_ns;
    struct way up, down; /* to the program, from it */
};

struct terminal {
    int master;
    pid_t child;
    bool gone; /* the program has closed the terminal */
    int cols, rows, cell_w, cell_h;
    int64_t start_ns;
    int64_t heard_ns;    /* of the latest output */
    int64_t rate, taken; /* bytes a second, bytes since rate_ns */
    int64_t rate_ns;
    struct link link;
    bool ended; /* the program has; some of what it wrote may be on its way */
    bool tells; /* what the program used */

    enum parser_state state;
    char head[64]; /* of a CSI or DCS */
    size_t head_len;
    int row, col;       /* of the latest CSI H, from 1 */
    int at_row, at_col; /* where the picture begins */
    bool sixel;
    bool mute;              /* answers nothing */
    bool stopped;           /* takes nothing */
    const char *background; /* as rgb:0000/0000/0000, or NULL */
    bool loses;             /* the next CSI 5n is not answered */
    bool fences;            /* a CSI 5n ends a picture, whatever it was made of */
    unsigned char *picture; /* its bytes so far, without DCS and ST */
    size_t picture_len, picture_size;
    const char *dir;
    const char *name; /* that it gives itself */
    FILE *written;    /* all bytes, or NULL */

    int pictures;     /* complete ones */
    int answered;     /* the latest whose CSI 5n was answered */
    bool key_since;   /* a key was sent since then */
    int64_t key_ns;   /* the latest key's time, 0: a picture came since */
    int64_t typed_ns; /* the latest key's time */
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static double since_start(const struct terminal *t, int64_t ns)
{
    return (double)(ns - t->start_ns) / (double)MS;
}

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("ptyterm: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

/* ----------------------------------------------------------------- the link */

/* Puts bytes on a way: they go out one after the other at so many a second (0:
 * at once), and arrive later by the latency, but not while nothing comes through. */
static void way_add(struct terminal *t, struct way *way, const void *bytes, size_t len,
                    int64_t rate)
{
    const struct link *link = &t->link;
    struct packet *packet = malloc(sizeof *packet + len);
    if (!packet) {
        die("no memory for %zu bytes", len);
    }
    int64_t now = now_ns();
    way->free_ns = (way->free_ns > now ? way->free_ns : now) +
                   (rate > 0 ? (int64_t)((double)len * 1e9 / (double)rate) : 0);
    int64_t due = way->free_ns + link->latency_ns;
    if (link->stall_every_ns && due - t->start_ns >= link->stall_every_ns) {
        int64_t phase = (due - t->start_ns) % link->stall_every_ns;
        due += phase < link->stall_ns ? link->stall_ns - phase : 0;
    }
    *packet = (struct packet){ .due_ns = due, .len = len };
    memcpy(packet->bytes, bytes, len);
    *(way->first ? &way->last->next : &way->first) = packet;
    way->last = packet;
    way->bytes += len;
}

/* The next packet that has arrived, to be freed; NULL: none. */
static struct packet *way_take(struct way *way)
{
    struct packet *packet = way->first;
    if (!packet || packet->due_ns > now_ns()) {
        return NULL;
    }
    way->first = packet->next;
    way->bytes -= packet->len;
    return packet;
}

static void way_free(struct way *way)
{
    while (way->first) {
        struct packet *next = way->first->next;
        free(way->first);
        way->first = next;
    }
}

static void tell_now(struct terminal *t, const void *bytes, size_t len)
{
    if (write(t->master, bytes, len) != (ssize_t)len) {
        t->gone = true;
    }
}

/* Sends bytes to the program. */
static void tell(struct terminal *t, const void *bytes, size_t len)
{
    if (t->link.there) {
        way_add(t, &t->link.up, bytes, len, 0);
    } else {
        tell_now(t, bytes, len);
    }
}

/* ------------------------------------------------------------ what it hears */

static void reply(struct terminal *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void reply(struct terminal *t, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (t->mute) {
        return;
    }
    tell(t, text, (size_t)len);
}

static void picture_end(struct terminal *t);

static void answer_csi(struct terminal *t)
{
    const char *q = t->head;
    int row = 1;
    int col = 1;
    if (q[t->head_len - 1] == 'H') {
        sscanf(q, "%d;%d", &row, &col);
        t->row = row;
        t->col = col;
    } else if (strcmp(q, "c") == 0 || strcmp(q, "0c") == 0) {
        reply(t, "\033[?63;1;2;4;6;9;15;16;22;28c");
    } else if (strcmp(q, ">0q") == 0 || strcmp(q, ">q") == 0) {
        reply(t, "\033P>|%s\033\\", t->name);
    } else if (strcmp(q, "?2026$p") == 0) {
        reply(t, "\033[?2026;0$y");
    } else if (strncmp(q, "?1;1;", 5) == 0 && strchr(q, 'S')) {
        reply(t, "\033[?1;0;1024S");
    } else if (strncmp(q, "?2;1;", 5) == 0 && strchr(q, 'S')) {
        reply(t, "\033[?2;0;%d;%dS", t->cols * t->cell_w, t->rows * t->cell_h);
    } else if (strcmp(q, "14t") == 0) {
        reply(t, "\033[4;%d;%dt", t->rows * t->cell_h, t->cols * t->cell_w);
    } else if (strcmp(q, "16t") == 0) {
        reply(t, "\033[6;%d;%dt", t->cell_h, t->cell_w);
    } else if (strcmp(q, "6n") == 0) {
        reply(t, "\033[1;1R");
    } else if (strcmp(q, "5n") == 0 && t->mute) {
        return;
    } else if (strcmp(q, "5n") == 0 && t->loses) {
        t->loses = false;
    } else if (strcmp(q, "5n") == 0) {
        reply(t, "\033[0n");
        if (t->fences) {
            picture_end(t);
            t->picture_len = 0;
        }
        if (t->answered != t->pictures) {
            t->answered = t->pictures;
            t->key_since = false;
        }
    }
}

static void picture_add(struct terminal *t, const void *bytes, size_t len)
{
    if (t->picture_len + len >= t->picture_size) { /* a NUL fits behind */
        t->picture_size = 2 * (t->picture_len + len) + 1;
        t->picture = realloc(t->picture, t->picture_size);
        if (!t->picture) {
            die("no memory for a picture of %zu bytes", t->picture_size);
        }
    }
    memcpy(t->picture + t->picture_len, bytes, len);
    t->picture_len += len;
    t->picture[t->picture_len] = '\0';
}

static void picture_keep(const struct terminal *t)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%d.six", t->dir, t->pictures);
    FILE *file = fopen(path, "wb");
    if (!file || fprintf(file, "\033P%s", t->head) < 0 ||
        fwrite(t->picture, 1, t->picture_len, file) != t->picture_len ||
        fputs("\033\\", file) < 0 || fclose(file) != 0) {
        die("%s: %s", path, strerror(errno));
    }
    int w;
    int h;
    if (t->picture_len > 1 && sscanf((const char *)t->picture, "\"%*d;%*d;%d;%d", &w, &h) == 2) {
        snprintf(path, sizeof path, "%s/%d.at", t->dir, t->pictures);
        file = fopen(path, "w");
        if (!file ||
            fprintf(file, "%dx%d+%d+%d\n", w, h, (t->at_col - 1) * t->cell_w,
                    (t->at_row - 1) * t->cell_h) < 0 ||
            fclose(file) != 0) {
            die("%s: %s", path, strerror(errno));
        }
    }
}

static void picture_end(struct terminal *t)
{
    uint64_t hash = HASH_SEED; /* FNV-1a */
    for (size_t i = 0; i < t->picture_len; i++) {
        hash = (hash ^ t->picture[i]) * HASH_PRIME;
    }
    t->pictures++;
    printf("picture %d at %.3f ms bytes %zu hash %016" PRIx64, t->pictures,
           since_start(t, t->heard_ns), t->picture_len, hash);
    if (t->key_ns) {
        printf(" after %.3f ms", (double)(t->heard_ns - t->key_ns) / (double)MS);
        t->key_ns = 0;
    }
    putchar('\n');
    if (t->dir) {
        picture_keep(t);
    }
}

/* Collects up to the final byte of a CSI or DCS; true when it is there. */
static bool head_done(struct terminal *t, unsigned char byte)
{
    if (t->head_len < sizeof t->head - 1) {
        t->head[t->head_len++] = (char)byte;
        t->head[t->head_len] = '\0';
    }
    return byte >= 0x40 && byte <= 0x7e;
}

static void hear_byte(struct terminal *t, unsigned char byte)
{
    switch (t->state) {
    case GROUND:
        t->state = byte == 0x1b ? ESCAPE : GROUND;
        break;
    case ESCAPE:
        t->head_len = 0;
        t->head[0] = '\0';
        t->state = byte == '[' ? CSI : byte == 'P' ? DCS : byte == ']' ? OSC : GROUND;
        break;
    case CSI:
        if (byte == 0x1b) {
            t->state = ESCAPE;
        } else if (head_done(t, byte)) {
            t->state = GROUND;
            answer_csi(t);
        }
        break;
    case DCS:
        if (head_done(t, byte)) {
            t->sixel = byte == 'q' && strspn(t->head, "0123456789;") == t->head_len - 1;
            t->picture_len = 0;
            t->at_row = t->row;
            t->at_col = t->col;
            t->state = DCS_BODY;
        }
        break;
    case DCS_BODY: /* only ESC comes here */
        t->state = DCS_ESCAPE;
        break;
    case OSC:
        t->state = byte == 0x1b ? OSC_ESCAPE : byte == 7 ? GROUND : OSC;
        if (t->state == OSC) {
            head_done(t, byte);
        } else if (strcmp(t->head, "11;?") == 0 && t->background) {
            reply(t, "\033]11;%s\033\\", t->background);
        }
        break;
    case DCS_ESCAPE:
    case OSC_ESCAPE:
        if (byte == '\\' && t->state == DCS_ESCAPE && t->sixel) {
            picture_end(t);
        }
        /* What is no ST ends the string all the same, as in a terminal. */
        t->state = byte == '\\' ? GROUND : ESCAPE;
        if (byte != '\\') {
            hear_byte(t, byte);
        }
        break;
    }
}

static void hear(struct terminal *t, const unsigned char *bytes, size_t len)
{
    size_t i = 0;
    if (t->fences) {
        picture_add(t, bytes, len);
    }
    while (i < len) {
        if (t->state == DCS_BODY || t->state == GROUND) {
            const unsigned char *escape = memchr(bytes + i, 0x1b, len - i);
            size_t body = escape ? (size_t)(escape - bytes) - i : len - i;
            if (t->state == DCS_BODY && t->sixel) {
                picture_add(t, bytes + i, body);
            }
            i += body;
        }
        if (i < len) {
            hear_byte(t, bytes[i++]);
        }
    }
}

/* How many bytes may be taken now; where none, *wait_ns is the time to wait. */
static size_t allowance(const struct terminal *t, size_t most, int64_t *wait_ns)
{
    if (t->rate <= 0) {
        return most;
    }
    int64_t ns = now_ns() - t->rate_ns;
    int64_t left = (int64_t)((double)ns * (double)t->rate / 1e9) - t->taken;
    if (left <= 0) {
        *wait_ns = 2 * MS;
        return 0;
    }
    return left < (int64_t)most ? (size_t)left : most;
}

static void set_rate(struct terminal *t, int64_t rate)
{
    t->rate = rate;
    t->taken = 0;
    t->rate_ns = now_ns();
}

static void heard(struct terminal *t, const unsigned char *bytes, size_t len)
{
    t->heard_ns = now_ns();
    if (t->written) {
        fwrite(bytes, 1, len, t->written);
    }
    hear(t, bytes, len);
}

/* Hands over what has arrived, either way; true: something has come here. */
static bool link_deliver(struct terminal *t)
{
    bool came = false;
    struct packet *packet;
    while (!t->ended && (packet = way_take(&t->link.up))) {
        tell_now(t, packet->bytes, packet->len);
        free(packet);
    }
    while ((packet = way_take(&t->link.down))) {
        heard(t, packet->bytes, packet->len);
        free(packet);
        came = true;
    }
    t->gone = t->gone || (t->ended && !t->link.down.first);
    return came;
}

/* How long until the next packet arrives, at most ns. */
static int64_t link_wait(const struct link *link, int64_t ns)
{
    const struct way *ways[] = { &link->up, &link->down };
    int64_t now = now_ns();
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if (ways[i]->first && ways[i]->first->due_ns - now < ns) {
            ns = ways[i]->first->due_ns - now;
        }
    }
    return ns;
}

/* As listen_once(), over the link. */
static void listen_link(struct terminal *t, int64_t until)
{
    static const struct timespec zero;
    unsigned char bytes[PACKET_BYTES];
    if (link_deliver(t) || t->gone) {
        return;
    }
    int64_t wait_ns = link_wait(&t->link, until - now_ns());
    struct timespec wait = { wait_ns / 1000 / MS, wait_ns % (1000 * MS) };
    struct pollfd poll_fd = { t->master, POLLIN, 0 };
    bool room = !t->ended && t->link.down.bytes < LINK_BYTES;
    if (ppoll(&poll_fd, room ? 1 : 0, wait_ns > 0 ? &wait : &zero, NULL) > 0) {
        ssize_t n = read(t->master, bytes, sizeof bytes);
        if (n > 0) {
            way_add(t, &t->link.down, bytes, (size_t)n, t->rate);
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            t->ended = true;
        }
    }
    link_deliver(t);
}

/* Listens once, until something came or `until`. */
static void listen_once(struct terminal *t, int64_t until)
{
    static const struct timespec zero;
    unsigned char bytes[65536];
    if (t->link.there) {
        listen_link(t, until);
        return;
    }
    int64_t wait_ns = until - now_ns();
    int64_t slow_ns = 0;
    size_t most = allowance(t, sizeof bytes, &slow_ns);
    if (slow_ns && slow_ns < wait_ns) {
        wait_ns = slow_ns;
    }
    struct timespec wait = { wait_ns / 1000 / MS, wait_ns % (1000 * MS) };
    struct pollfd poll_fd = { t->master, POLLIN, 0 };
    if (t->stopped && wait_ns > 10 * MS) {
        wait.tv_sec = 0;
        wait.tv_nsec = 10 * MS;
    }
    int ready = ppoll(&poll_fd, most && !t->stopped ? 1 : 0, wait_ns > 0 ? &wait : &zero, NULL);
    siginfo_t ended = { 0 };
    if (t->stopped && waitid(P_PID, (id_t)t->child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0) {
        t->gone = ended.si_pid == t->child;
    }
    if (ready <= 0) {
        return;
    }
    ssize_t n = read(t->master, bytes, most);
    if (n > 0) {
        t->taken += n;
        heard(t, bytes, (size_t)n);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        t->gone = true; /* EIO: nobody has the other side open any more */
    }
}

/* --------------------------------------------------------- what it is told */

static const struct {
    const char *name, *bytes;
} key_names[] = {
    { "space", " " },           { "enter", "\r" },
    { "esc", "\033" },          { "tab", "\t" },
    { "backspace", "\177" },    { "up", "\033[A" },
    { "down", "\033[B" },       { "right", "\033[C" },
    { "left", "\033[D" },       { "home", "\033[H" },
    { "end", "\033[F" },        { "page-up", "\033[5~" },
    { "page-down", "\033[6~" }, { "shift-tab", "\033[Z" },
    { "f1", "\033OP" },
};

static void press(struct terminal *t, const char *name)
{
    char control[2] = "";
    const char *bytes = name;
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++) {
        if (strcmp(name, key_names[i].name) == 0) {
            bytes = key_names[i].bytes;
        }
    }
    if (strncmp(name, "ctrl-", 5) == 0 && name[5]) {
        control[0] = (char)(name[5] & 0x1f);
        bytes = control;
    }
    bool counts = t->answered && t->answered == t->pictures && !t->key_since;
    t->key_ns = t->typed_ns = now_ns();
    tell(t, bytes, strlen(bytes));
    t->key_since = true;
    if (!counts && t->answered == t->pictures) {
        printf("seeing %d\n", t->pictures);
    }
    printf("key %s at %.3f ms on %d\n", name, since_start(t, t->key_ns), counts ? t->pictures : 0);
}

static void set_size(struct terminal *t, int cols, int rows)
{
    struct winsize size = { .ws_row = (unsigned short)rows,
                            .ws_col = (unsigned short)cols,
                            .ws_xpixel = (unsigned short)(cols * t->cell_w),
                            .ws_ypixel = (unsigned short)(rows * t->cell_h) };
    t->cols = cols;
    t->rows = rows;
    if (ioctl(t->master, TIOCSWINSZ, &size) != 0) {
        die("TIOCSWINSZ: %s", strerror(errno));
    }
}

static bool step_wait(struct terminal *t, const char *what, int number, int patience_ms)
{
    bool picture = strcmp(what, "picture") == 0;
    bool ready = strcmp(what, "ready") == 0;
    bool quiet = strcmp(what, "quiet") == 0;
    if (!picture && !ready && !quiet && strcmp(what, "end") != 0) {
        die("wait for what? '%s'", what);
    }
    int64_t until = now_ns() + patience_ms * MS;
    while (now_ns() < until) {
        int64_t still_ns = t->heard_ns > t->typed_ns ? t->heard_ns : t->typed_ns;
        if ((picture && t->pictures >= number) ||
            (ready && t->answered && t->answered == t->pictures && !t->key_since) ||
            (quiet && now_ns() - still_ns >= number * MS)) {
            return true;
        }
        if (t->gone) {
            return !picture && !ready;
        }
        int64_t next = quiet ? still_ns + number * MS : until;
        listen_once(t, next < until ? next : until);
    }
    return false;
}

static bool step_pause(struct terminal *t, int ms)
{
    int64_t until = now_ns() + ms * MS;
    while (!t->gone && now_ns() < until) {
        listen_once(t, until);
    }
    return !t->gone;
}

static bool step_every(struct terminal *t, int ms, int count, char *names)
{
    char *list[64];
    size_t n = 0;
    char *rest = NULL;
    for (char *w = strtok_r(names, " \t", &rest); w && n < ARRAY_LEN(list);
         w = strtok_r(NULL, " \t", &rest)) {
        list[n++] = w;
    }
    int64_t next = now_ns();
    for (int i = 0; i < count && n && !t->gone; i++) {
        press(t, list[(size_t)i % n]);
        next += ms * MS;
        while (!t->gone && now_ns() < next) {
            listen_once(t, next);
        }
    }
    return n > 0 && !t->gone;
}

static bool step_keys(struct terminal *t, char *names)
{
    char *rest = NULL;
    for (char *w = strtok_r(names, " \t", &rest); w; w = strtok_r(NULL, " \t", &rest)) {
        press(t, w);
    }
    return !t->gone;
}

static bool step_bytes(struct terminal *t, const char *text)
{
    char bytes[256];
    size_t len = 0;
    unsigned value = 0;
    for (; *text && len < sizeof bytes; text++) {
        if (strncmp(text, "\\e", 2) == 0) {
            bytes[len++] = 0x1b;
            text++;
        } else if (sscanf(text, "\\x%2x", &value) == 1) {
            bytes[len++] = (char)value;
            text += 3;
        } else {
            bytes[len++] = *text;
        }
    }
    tell(t, bytes, len);
    return !t->gone;
}

static bool step_signal(const struct terminal *t, const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = { { "HUP", SIGHUP },   { "INT", SIGINT },     { "TERM", SIGTERM },
                    { "KILL", SIGKILL }, { "WINCH", SIGWINCH }, { "TSTP", SIGTSTP },
                    { "CONT", SIGCONT }, { "SEGV", SIGSEGV },   { "ABRT", SIGABRT },
                    { "USR1", SIGUSR1 }, { "XCPU", SIGXCPU },   { "ALRM", SIGALRM },
                    { "QUIT", SIGQUIT }, { "PIPE", SIGPIPE },   { "XFSZ", SIGXFSZ } };
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        if (strcmp(name, signals[i].name) == 0) {
            return kill(t->child, signals[i].number) == 0;
        }
    }
    die("unknown signal '%s'", name);
}

static bool step(struct terminal *t, char *line)
{
    char what[16] = "";
    int a = 0;
    int b = PATIENCE_MS;
    int at = 0;
    if (!line[0] || line[0] == '#') {
        return true;
    }
    if (sscanf(line, "wait picture %d %d", &a, &b) >= 1) {
        return step_wait(t, "picture", a, b);
    }
    if (sscanf(line, "wait quiet %d %d", &a, &b) >= 1) {
        return step_wait(t, "quiet", a, b);
    }
    if (sscanf(line, "wait %15s %d", what, &b) >= 1) {
        return step_wait(t, what, 0, b);
    }
    if (strncmp(line, "key ", 4) == 0) {
        return step_keys(t, line + 4);
    }
    if (sscanf(line, "every %d %d %n", &a, &b, &at) >= 2 && at) {
        return step_every(t, a, b, line + at);
    }
    if (sscanf(line, "resize %dx%d", &a, &b) == 2) {
        set_size(t, a, b);
        return true;
    }
    if (sscanf(line, "rate %d", &a) == 1) {
        set_rate(t, a);
        return true;
    }
    if (sscanf(line, "signal %15s", what) == 1) {
        return step_signal(t, what);
    }
    if (strncmp(line, "bytes ", 6) == 0) {
        return step_bytes(t, line + 6);
    }
    if (sscanf(line, "pause %d", &a) == 1) {
        return step_pause(t, a);
    }
    if (strcmp(line, "stop") == 0) {
        t->stopped = true;
        return true;
    }
    if (strcmp(line, "lose") == 0) {
        t->loses = true;
        return true;
    }
    if (strcmp(line, "hangup") == 0) {
        close(t->master);
        t->gone = true;
        t->master = -1;
        return true;
    }
    die("not understood: '%s'", line);
}

static bool play(struct terminal *t, FILE *script)
{
    char *line = NULL;
    size_t size = 0;
    bool ok = true;
    while (ok && getline(&line, &size, script) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        char *copy = strdup(line);
        ok = copy && step(t, copy);
        free(copy);
        if (!ok) {
            printf("failed: %s%s\n", line, t->gone ? " (the program has gone)" : "");
        }
    }
    free(line);
    return ok;
}

/* ----------------------------------------------------------- start and end */

/* Waits for the end, then asks less and less kindly. */
static bool finish(struct terminal *t, bool patient)
{
    int status = 0;
    struct rusage used = { 0 };
    bool ended = step_wait(t, "end", 0, patient ? PATIENCE_MS : 1);
    for (int64_t until = now_ns() + 5000 * MS; ended && now_ns() < until;) {
        if (wait4(t->child, &status, WNOHANG, &used) == t->child) {
            t->child = 0;
            break;
        }
        poll(NULL, 0, 1);
    }
    if (t->child) {
        printf("failed: the program has not ended\n");
        kill(t->child, SIGKILL);
        wait4(t->child, &status, 0, &used);
    }
    if (WIFSIGNALED(status)) {
        printf("killed %d\n", WTERMSIG(status));
    } else {
        printf("exit %d\n", WEXITSTATUS(status));
    }
    if (t->tells) {
        printf("used %ld ms %ld KiB\n",
               1000 * (used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000,
               used.ru_maxrss);
    }
    return !t->child;
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
           a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

/* *before: the terminal's modes, which the program will find. */
static void start(struct terminal *t, char **command, struct termios *before)
{
    struct winsize size = { (unsigned short)t->rows, (unsigned short)t->cols,
                            (unsigned short)(t->cols * t->cell_w),
                            (unsigned short)(t->rows * t->cell_h) };
    int slave;
    t->start_ns = t->heard_ns = now_ns();
    if (openpty(&t->master, &slave, NULL, NULL, &size) != 0 || tcgetattr(slave, before) != 0) {
        die("a pseudo-terminal: %s", strerror(errno));
    }
    t->child = fork();
    if (t->child < 0) {
        die("fork: %s", strerror(errno));
    }
    if (t->child == 0) {
        close(t->master);
        if (login_tty(slave) != 0) {
            die("login_tty: %s", strerror(errno));
        }
        setenv("TERM", "xterm-256color", 1);
        unsetenv("TMUX");
        execvp(command[0], command);
        fprintf(stderr, "ptyterm: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    close(slave);
    fcntl(t->master, F_SETFD, FD_CLOEXEC);
}

static bool run(struct terminal *t, FILE *script, char **command)
{
    struct termios before;
    struct termios after;
    start(t, command, &before);
    set_rate(t, t->rate);
    bool ok = play(t, script);
    set_rate(t, 0);
    ok = finish(t, ok) && ok;
    if (t->master >= 0 && tcgetattr(t->master, &after) == 0) {
        printf("modes %s\n", same_modes(&before, &after) ? "same" : "changed");
    }
    return ok;
}

int main(int argc, char **argv)
{
    struct terminal t = {
        .master = -1, .cols = 100, .rows = 30, .cell_w = 10, .cell_h = 20, .name = "ptyterm"
    };
    FILE *script = stdin;
    bool ok = true;
    int a = 0;
    int b = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    for (int c; (c = getopt(argc, argv, "+g:c:r:l:k:d:fN:w:nub:s:")) != -1;) {
        switch (c) {
        case 'g':
            ok = sscanf(optarg, "%dx%d", &t.cols, &t.rows) == 2;
            break;
        case 'c':
            ok = sscanf(optarg, "%dx%d", &t.cell_w, &t.cell_h) == 2;
            break;
        case 'r':
            t.rate = atoll(optarg);
            break;
        case 'l':
            t.link.there = true;
            t.link.latency_ns = atoll(optarg) * MS;
            break;
        case 'k':
            ok = sscanf(optarg, "%d,%d", &a, &b) == 2 && a > b && b > 0;
            t.link.there = true;
            t.link.stall_every_ns = a * MS;
            t.link.stall_ns = b * MS;
            break;
        case 'N':
            t.name = optarg;
            break;
        case 'd':
            t.dir = optarg;
            break;
        case 'f':
            t.fences = true;
            break;
        case 'w':
            t.written = fopen(optarg, "wbe");
            ok = t.written != NULL;
            break;
        case 'n':
            t.mute = true;
            break;
        case 'u':
            t.tells = true;
            break;
        case 'b':
            t.background = optarg;
            break;
        case 's':
            script = fopen(optarg, "re");
            break;
        default:
            ok = false;
        }
        if (!ok || !script) {
            die("bad option -%c", c);
        }
    }
    if (optind >= argc) {
        die("no command");
    }
    ok = run(&t, script, argv + optind);
    fclose(script);
    ok = (!t.written || fclose(t.written) == 0) && ok;
    free(t.picture);
    way_free(&t.link.up);
    way_free(&t.link.down);
    return ok ? 0 : 1;
}
