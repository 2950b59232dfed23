/* Modes of the terminal: what may be left on by a program that was cut off, what is
 * set for as long as the screen is up, and how all is put back. */
#ifndef TERM_MODES_H
#define TERM_MODES_H

/* Behind the switch to the alternate screen. */
extern const char modes_begin[];

/* Ahead of the switch back. */
extern const char modes_end[];

/* kitty's keyboard protocol, with key repeat told: for terminals that have it. */
extern const char modes_keyboard_on[];
extern const char modes_keyboard_off[];

/* Of a program that dies: all of it, and the normal screen. */
extern const char modes_crash[];

#endif
