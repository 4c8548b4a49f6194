// Leaving quickly: the page is blank at once, nothing of it can be come back to, and this device
// can no longer open the form. What was saved stays with the clinic.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("leave" in form.dataset)) return;
  event.preventDefault();
  document.body.replaceChildren();
  document.title = "";
  // The server takes the form off this device, now or with the next request if this one is lost.
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `screener_left=1; path=/; max-age=34560000; samesite=lax${secure}`;
  navigator.sendBeacon(form.getAttribute("action"), new URLSearchParams({ beacon: "yes" }));
  location.replace(form.dataset.leave);
  forgetTyping();
});
