/// How often strangers do things, counted in memory that never grows.
package org.posthorn.smtp.rate;
