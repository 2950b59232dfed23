/* UTF-8, and text that is safe to print.
 *
 * File names and file contents are untrusted bytes. They reach a terminal only through
 * text_printable(). */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_REPLACEMENT 0xFFFDu

/* Decodes one code point of s[0..len), len >= 1. Returns the bytes used. An invalid,
 * overlong, surrogate or truncated sequence uses 1 byte and gives *code = UINT32_MAX. */
size_t text_decode(const char *s, size_t len, uint32_t *code);

/* Writes 1 to 4 bytes of UTF-8, not NUL-terminated; returns their number, 0
 * for a code point that does not exist. */
size_t text_encode(uint32_t code, char out[4]);

/* Offset of the first invalid byte, or len when all is valid UTF-8. */
size_t text_valid_prefix(const char *s, size_t len);

/* True for code points that must not be printed raw: C0, C1, DEL, bidi
 * controls and overrides, line and paragraph separators, non-characters. */
bool text_unsafe(uint32_t code);

/* Columns of a code point on a terminal: 0, 1 or 2; for an unsafe one, those of its
 * replacement by text_printable(). Uses the C library's wcwidth(), as curses does. */
int text_code_width(uint32_t code);

/* Copies s[0..len) into out (size bytes, NUL-terminated): control bytes become ^X, other
 * unsafe code points and invalid bytes U+FFFD. Stops before the first character that
 * would exceed `columns` (-1: no limit) or the buffer. Returns the columns used. */
int text_printable(char *out, size_t size, const char *s, size_t len, int columns);

/* As text_printable(), but the middle of a text that is too wide is replaced by an
 * ellipsis: the end of a path says more than its middle. */
int text_elide(char *out, size_t size, const char *s, size_t len, int columns);

/* Columns that text_printable() would use without a limit. */
int text_width(const char *s, size_t len);

/* Case-insensitive search (towlower()); an empty needle is always found. */
bool text_contains(const char *hay, size_t hay_len, const char *needle);

/* Natural order: runs of digits compare as numbers, the rest as bytes. */
int text_natural_compare(const char *a, const char *b);

#endif
