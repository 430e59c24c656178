console.log("somebody should have been given a log");
