/* Data sets of other programs: labels in, labels out.
 *
 * Each format is a file in src/formats/ and a row of the table in formats.c. A format is
 * recognised by its content. Nothing is ever written to a source.
 *
 * Regions are in pixels of the upright picture; where a format counts differently, its file
 * says how. */
#ifndef FORMATS_FORMATS_H
#define FORMATS_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "formats/dataset.h"

enum format_holds {                    /* flags: what its files can say */
                    HOLDS_CLASS = 1,   /* one class of a whole picture */
                    HOLDS_SEVERAL = 2, /* several classes of an item */
                    HOLDS_REGIONS = 4,
                    HOLDS_STATUS = 8, /* skipped, unsure, none */
};

struct format_info {
    const char *name, *text;
    const char *read_as; /* the format that reads what it writes, if it is another one */
    bool reads, writes;
    unsigned holds;
};

/* The format of that index; false past the last one. */
bool formats_at(size_t index, struct format_info *out);

/* ------------------------------------------------------------------- import */

struct import_options {
    const char *from;         /* a format's name; NULL: by content */
    const char *file_column;  /* header or number (from 1) of a table's column; NULL: found */
    const char *label_column; /* the same */
    bool multi;               /* labels of a table may be several, separated */
};

/* Reads the file or folder into d; *from (may be NULL) is the name of the format. On failure d
 * can only be freed. */
bool formats_import(const char *path, const struct import_options *options, struct dataset *d,
                    const char **from, struct error *err);

/* ------------------------------------------------------------------- export */

enum { SPLITS_MAX = 3 }; /* train, val, test */

/* What becomes of the pictures where they are files of the format. */
enum export_pictures { EXPORT_LINK, EXPORT_COPY, EXPORT_CLONE };

struct export_options {
    const char *to;
    const char *folder;     /* what the names of the annotations are relative to */
    const char *out;        /* a file, replaced atomically; or a folder, which must not exist yet */
    int shares[SPLITS_MAX]; /* per cent for train, val and test, 100 together; all 0: no split */
    const char *by;         /* extended regular expression on names; NULL: none */
    bool no_near;           /* near-duplicates are not looked for */
    enum export_pictures pictures;
    size_t shard_bytes; /* of each file, where a format has several; 0: one for each part */
};

struct export_report {
    size_t annotations, pictures;
    size_t per_split[SPLITS_MAX];      /* pictures */
    bool has_pictures;                 /* a folder with the pictures, or links to them */
    size_t shards;                     /* files, where a format has several */
    size_t copied;                     /* pictures that could only be copied, not cloned */
    size_t captures, uncaptured;       /* by: groups; pictures whose names it does not match */
    size_t near_groups, near_pictures; /* groups of near-duplicates, and the pictures in them */
    size_t unread;                     /* pictures that could not be read to compare them */
    char note[256];                    /* what else the user should know, or "" */
};

/* Writes the annotations, all with a label or a status. ERROR_UNSUPPORTED if the format cannot
 * hold one of them.
 *
 * With shares, pictures that belong together are in one part: those for which `by` captures
 * the same (its groups in brackets, or all that it matches), and those that look the same
 * (near.h); of the others each is alone. The hash of its name, or of the capture, puts each
 * such group at a place between 0 and 100 that no other picture changes; the shares are
 * borders there. So a picture stays in its part when others are added. Only where that leaves
 * a class off its shares, by more than a fifth of the smallest part, a border moves for that
 * class, past as few groups as bring it within that; a class with fewer than five pictures in
 * its smallest part always has its exact shares. When pictures are added to such a class,
 * about as many may change their part. A group of several classes, or a picture of several,
 * counts for the rarest. */
bool formats_export(const struct annotation *list, size_t count,
                    const struct export_options *options, struct export_report *report,
                    struct error *err);

#endif
