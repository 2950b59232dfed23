#include "scripted/replies.h"

#include <string.h>

#include "base/mem.h"

#define REGISTERS 1024

static void add_yes_or_no(struct buf *out, bool yes, const char *reply)
{
    buf_adds(out, yes ? reply : "");
}

static void sixel_size(const struct scripted_options *o, int rows, int cols, struct buf *out)
{
    int w = o->cell_w ? o->cell_w : 10, h = o->cell_h ? o->cell_h : 20;
    if (o->sixel) {
        buf_addf(out, "\033[?2;0;%d;%dS", w * cols, h * rows);
    } else {
        buf_adds(out, "\033[?2;1S");
    }
}

static void registers(const struct scripted_options *o, struct buf *out)
{
    if (o->sixel) {
        buf_addf(out, "\033[?1;0;%dS", REGISTERS);
    } else {
        buf_adds(out, "\033[?1;1S");
    }
}

static bool csi(const struct scripted_options *o, int rows, int cols, const char *text,
                struct buf *out)
{
    if (strcmp(text, "c") == 0) {
        buf_adds(out, o->sixel ? "\033[?62;4;22c" : "\033[?62;22c");
    } else if (strcmp(text, ">0q") == 0) {
        if (o->name[0]) {
            buf_addf(out, "\033P>|%s\033\\", o->name);
        }
    } else if (strcmp(text, "?u") == 0) {
        add_yes_or_no(out, o->keyboard, "\033[?0u");
    } else if (strcmp(text, "?2026$p") == 0) {
        buf_addf(out, "\033[?2026;%d$y", o->sync ? 2 : 0);
    } else if (strcmp(text, "?1;1;0S") == 0) {
        registers(o, out);
    } else if (strcmp(text, "?2;1;0S") == 0) {
        sixel_size(o, rows, cols, out);
    } else if (strcmp(text, "14t") == 0) {
        if (o->cell_w) {
            buf_addf(out, "\033[4;%d;%dt", rows * o->cell_h, cols * o->cell_w);
        }
    } else if (strcmp(text, "16t") == 0) {
        if (o->cell_w) {
            buf_addf(out, "\033[6;%d;%dt", o->cell_h, o->cell_w);
        }
    } else {
        return false;
    }
    return true;
}

bool replies_add(const struct scripted_options *o, int rows, int cols, char kind, const char *text,
                 struct buf *out)
{
    if (kind == '[') {
        return csi(o, rows, cols, text, out);
    }
    if (kind == '_' && strncmp(text, "Gi=31,", 6) == 0) {
        add_yes_or_no(out, o->kitty, "\033_Gi=31;OK\033\\");
    } else if (kind == ']' && strcmp(text, "1337;ReportCellSize") == 0) {
        add_yes_or_no(out, o->iterm2, "\033]1337;ReportCellSize=20.0;10.0;1.0\033\\");
    } else if (kind == ']' && strcmp(text, "11;?") == 0) {
        if (o->background_told) {
            buf_addf(out, "\033]11;rgb:%02x/%02x/%02x\033\\", (unsigned)o->background >> 16 & 255,
                     (unsigned)o->background >> 8 & 255, (unsigned)o->background & 255);
        }
    } else if (kind == 'P' && strcmp(text, "$qm") == 0) {
        add_yes_or_no(out, o->rgb, "\033P1$r0;48:2:1:2:3m\033\\");
    } else {
        return false;
    }
    return true;
}
