/** The command line. Every command is thin: what it does, a few lines of Java can do. */
@NullMarked
package dev.luthier.cli;

import org.jspecify.annotations.NullMarked;
