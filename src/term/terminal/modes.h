/* Modes of the terminal: resets what a killed program may have left on, sets what the
 * screen needs, and restores all of it. */
#ifndef TERM_MODES_H
#define TERM_MODES_H

/* To write after the switch to the alternate screen. */
extern const char modes_begin[];

/* To write before the switch back. */
extern const char modes_end[];

/* kitty's keyboard protocol with reports of key repeat; only for terminals that have it. */
extern const char modes_keyboard_on[];
extern const char modes_keyboard_off[];

/* For a program that dies: restores all modes and the normal screen. */
extern const char modes_crash[];

#endif
