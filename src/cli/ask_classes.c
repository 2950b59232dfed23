#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "classes.h"

#define ANSWER_MAX 4096

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

/* Reads a line, edited by the terminal; false at end of file or after a signal. */
static bool read_line(int tty, char *line, size_t size)
{
    ssize_t got = stopped ? -1 : read(tty, line, size - 1);
    if (got <= 0) {
        return false;
    }
    line[got] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static void say(int tty, const char *text)
{
    size_t len = strlen(text);
    ssize_t got = 1;
    for (; len && got > 0; text += got, len -= (size_t)got) {
        got = write(tty, text, len);
        got = got > 0 ? got : 0;
    }
}

static bool ask(int tty, struct classes *c)
{
    static const char prompt[] =
        "Classes, separated by commas (KEY=NAME chooses a key), or just Enter to quit: ";
    char line[ANSWER_MAX];
    struct error why;
    for (;;) {
        say(tty, prompt);
        if (!read_line(tty, line, sizeof line)) {
            say(tty, "\n");
            return false;
        }
        if (!line[strspn(line, " \t")]) {
            return false;
        }
        if (classes_parse_list(c, line, "classes", &why)) {
            return true;
        }
        say(tty, why.message);
        say(tty, ".\n");
        classes_release(c);
    }
}

/* Signals end the question, not the program, so that the labels are closed properly. */
bool ask_classes(struct classes *c, const char *folder, struct error *err)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction before[3], action = { .sa_handler = stop };
    int tty = !isatty(STDERR_FILENO) ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        return error_set(err, ERROR_USAGE, "cannot ask for the classes: there is no terminal");
    }
    for (int i = 0; i < 3; i++) {
        sigaction(signals[i], &action, &before[i]);
    }
    char name[400];
    text_printable(name, sizeof name, folder, strlen(folder), -1);
    say(tty, "thumbtag: no classes are defined yet for ");
    say(tty, name);
    say(tty, ".\n");
    bool ok = ask(tty, c);
    for (int i = 0; i < 3; i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    close(tty);
    return ok;
}
